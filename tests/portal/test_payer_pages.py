"""The Fixed Leader sees every Lek; they stop, allow, revoke and limit."""

import csv
import io
import re
import secrets

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from billing import outcomes
from groups.models import Group
from klikon.activation.activate import activate
from klikon.leader import freezes, leadership
from klikon.models import Activation, Channel, FreezeCause, LeaderAssignment, OwnLimit
from superfamilja.customers.models import OneTimeCode
from superfamilja.messages.models import OutgoingMessage
from tests.factories import (
    ContractFactory,
    GroupFactory,
    MembershipFactory,
    assign,
    family,
    family_with_leader,
)
from tests.portal.families import signed_in
from tests.proofs import seen_paper

pytestmark = pytest.mark.django_db


def activated(group: Group, seat: int = 2, package: str = "S700") -> Activation:
    leader = LeaderAssignment.objects.get(group=group, ended_at=None)
    return activate(
        leader=leader.member.msisdn,
        member=group.memberships.get(seat=seat).msisdn,
        package=package,
        at=timezone.now(),
        channel=Channel.IVR,
        client="test",
        key=secrets.token_urlsafe(24),
        repeat_confirmed=True,
    )


@pytest.fixture
def home() -> tuple[Group, Client]:
    group, _ = family_with_leader()
    return group, signed_in(group.contract.contact_msisdn)


def text_of(client: Client, name: str, *args: object) -> str:
    page = client.get(reverse(name, args=args))
    assert page.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def test_home_says_what_was_spent_for_whom_and_what_comes_on_the_bill(
    home: tuple[Group, Client],
) -> None:
    group, client = home
    activated(group, package="S1000")
    text = text_of(client, "payer", group.contract_id)
    assert "800 Lekë of 6.500 Lekë" in text
    assert "left 5.700 Lekë" in text
    assert re.search(r"On the bill of \d\d/\d{4}: 800 Lekë", text)
    assert f"Super 1000 for: {group.memberships.get(seat=2).name}" in text


def test_with_no_leader_yet_home_is_the_choice() -> None:
    group = family()
    text = text_of(signed_in(group.contract.contact_msisdn), "payer", group.contract_id)
    assert "Who becomes the Mobile Leader?" in text


@pytest.mark.parametrize("members", [None, 0])
def test_without_a_group_or_members_home_says_what_to_do(members: int | None) -> None:
    contract = ContractFactory() if members is None else family(members=0).contract
    text = text_of(signed_in(contract.contact_msisdn), "payer", contract.pk)
    assert "in any shop with your document" in text


def test_stop_allow_and_revoke_are_two_taps_and_send_no_code(home: tuple[Group, Client]) -> None:
    group, client = home
    typed = OneTimeCode.objects.count()  # the sign-in's code is fresh enough to allow (R30)
    for page in ("payer_stops", "payer_allows", "payer_revokes"):
        path = reverse(page, args=[group.contract_id])
        assert client.get(path).status_code == 200
        assert client.post(path, {"step": "confirm"}).url == reverse(
            "payer", args=[group.contract_id]
        )
    assert not LeaderAssignment.objects.standing().exists()
    assert OneTimeCode.objects.count() == typed
    assert not OutgoingMessage.objects.filter(template__startswith="code").exists()


def test_r26_what_the_crm_stopped_the_payer_confirms_here(home: tuple[Group, Client]) -> None:
    group, client = home
    freezes.number_changed(
        msisdn=group.memberships.get(seat=1).msisdn,
        cause=FreezeCause.SIM_SWAPPED,
        at=timezone.now(),
    )
    client.post(reverse("payer_allows", args=[group.contract_id]), {"step": "confirm"})
    assert LeaderAssignment.objects.in_force().filter(group=group).exists()


def test_r27_a_limit_is_set_checked_and_lifted(home: tuple[Group, Client]) -> None:
    group, client = home
    path = reverse("payer_sets_limit", args=[group.contract_id])
    typed = {"whom": "", "limit_lek": "2.000"}
    check = client.post(path, {**typed, "step": "check"}).content.decode()
    assert "2.000 Lekë (= 4 × Super 700)" in check
    client.post(path, {**typed, "step": "confirm"})
    own = OwnLimit.objects.get()
    assert (own.limit_lek, own.ended_at) == (2000, None)
    client.post(reverse("payer_lifts_limit", args=[own.pk]), {"step": "confirm"})
    own.refresh_from_db()
    assert own.ended_at is not None


def test_a_limit_above_the_cap_is_refused_and_what_was_typed_stays(
    home: tuple[Group, Client],
) -> None:
    group, client = home
    path = reverse("payer_sets_limit", args=[group.contract_id])
    page = client.post(path, {"whom": "", "limit_lek": "9000", "step": "confirm"})
    text = page.content.decode()
    assert "more than the monthly cap of 6.500 Lekë" in text
    assert 'value="9000"' in text


def test_a_bill_shows_each_line_with_what_it_counts(home: tuple[Group, Client]) -> None:
    group, client = home
    kept, undone = activated(group), activated(group, package="S1000")
    outcomes.settle(reference=kept.reference, at=timezone.now())
    outcomes.reverse(reference=undone.reference, at=timezone.now(), reason="no answer")
    month = f"{kept.month:%Y-%m}"
    text = text_of(client, "payer_bill", group.contract_id, month)
    assert "500 Lekë so far" in text
    assert "VAT in it 83.33" in text or "VAT in it 83,33" in text
    assert "reversed 0 Lekë" in text


def test_the_bill_as_a_file_has_the_same_lines(home: tuple[Group, Client]) -> None:
    group, client = home
    activated(group)
    path = reverse("payer_bill_csv", args=[group.contract_id, f"{timezone.localtime():%Y-%m}"])
    rows = list(csv.reader(io.StringIO(client.get(path).content.decode("utf-8-sig"))))
    assert [row[3] for row in rows[1:]] == ["500"]


@pytest.mark.parametrize("month", ["2999-01", "2026-13", "nonsense"])
def test_a_month_that_cannot_be_is_not_there(home: tuple[Group, Client], month: str) -> None:
    group, client = home
    assert client.get(reverse("payer_bill", args=[group.contract_id, month])).status_code == 404


def test_a_charge_says_who_when_how_for_whom_and_who_named_the_leader(
    home: tuple[Group, Client],
) -> None:
    group, client = home
    done = activated(group)
    text = text_of(client, "payer_charge", done.charge_id)
    assert f"For {done.member.name}" in text
    assert f"Asked for by {done.leader.name}" in text
    assert f"Declaration {LeaderAssignment.objects.get().declaration.reference}" in text
    assert "in the shop 700 Lekë , − 200 Lekë with Klik-ON" in text


def test_contract_numbers_are_on_no_page_since_they_prove_who_has_the_bill(
    home: tuple[Group, Client],
) -> None:
    group, client = home
    activated(group)
    for name in ("payer", "payer_activations", "payer_bills", "choose_leader"):
        assert (
            group.contract.number
            not in client.get(reverse(name, args=[group.contract_id])).content.decode()
        )


@pytest.mark.parametrize("page", ["payer", "payer_activations", "payer_bills", "payer_bill"])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    home: tuple[Group, Client], page: str
) -> None:
    group, client = home
    args: list[object] = [group.contract_id]
    done = activated(group)
    if page == "payer_bill":
        args.append(f"{done.month:%Y-%m}")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse(page, args=args)).status_code == 200
        return len(asked)

    few = queries()
    for seat in (1, 3, 2, 1):
        activated(group, seat)
    assert queries() == few


def test_r26_a_contact_that_changed_hands_confirms_no_other_leader_either() -> None:
    own = "+355671112223"
    group = GroupFactory(contract=ContractFactory(contact_msisdn=own))
    leading = assign(MembershipFactory(group=group, msisdn=own))
    swapped = {"cause": FreezeCause.SIM_SWAPPED, "at": timezone.now()}
    freezes.number_changed(msisdn=own, **swapped)
    leadership.revoke(assignment=leading, at=timezone.now())
    # A code to a doubtful number cannot name a leader, so a second person saw the paper.
    seen = seen_paper(group.contract, "name_leader")
    other = assign(MembershipFactory(group=group, seat=2), seen)
    freezes.number_changed(msisdn=other.member.msisdn, **swapped)
    page = signed_in(own).post(
        reverse("payer_allows", args=[group.contract_id]), {"step": "confirm"}
    )
    assert "come to any shop with your document" in page.content.decode()
    assert not LeaderAssignment.objects.in_force().filter(group=group).exists()


def test_r26_the_holder_of_a_swapped_sim_cannot_confirm_it() -> None:
    group, leading = family_with_leader()
    contract = group.contract
    contract.contact_msisdn = leading.member.msisdn
    contract.save()
    freezes.number_changed(
        msisdn=leading.member.msisdn, cause=FreezeCause.SIM_SWAPPED, at=timezone.now()
    )
    page = signed_in(leading.member.msisdn).post(
        reverse("payer_allows", args=[contract.pk]), {"step": "confirm"}
    )
    assert "come to any shop with your document" in page.content.decode()
    assert not LeaderAssignment.objects.in_force().filter(group=group).exists()


def test_the_portal_shows_a_stores_declaration_without_the_contract_number() -> None:
    group, leading = family_with_leader()
    page = signed_in(group.contract.contact_msisdn).get(
        reverse("declaration_pdf", args=[leading.declaration_id])
    )
    text = PdfReader(io.BytesIO(page.content)).pages[0].extract_text()
    assert f"···{group.contract.number[-3:]}" in text
    assert group.contract.number not in text


def test_a_page_that_is_not_there_leads_families_to_their_own_start(
    home: tuple[Group, Client],
) -> None:
    _, client = home
    page = client.get(reverse("payer", args=[10**6])).content.decode()
    assert 'href="/admin/"' not in page

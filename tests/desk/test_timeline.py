"""Show the history of a customer: one line for every kind of event, newest first, by pages."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from billing import disputes, outcomes
from billing.credits import give_credit
from groups.models import Contract, Group
from klikon.activation.activate import activate
from klikon.activation.refusals import ActivationRefused
from klikon.ivr.models import PhoneCall
from klikon.leader import freezes, leadership
from klikon.models import Activation, Channel, LeaderAssignment, WaitingRequest
from klikon.payer import asking, limits
from superfamilja.accounts.roles import AUDITOR, CARE_AGENT, STORE_CLERK, STORE_MANAGER
from superfamilja.audit import acts
from superfamilja.messages.models import OutgoingMessage
from tests.desk.counter import Counter
from tests.factories import MembershipFactory, assign, at, catalogue
from tests.signing_in import staff_member
from tests.staff.people import opened, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def group() -> Group:
    """Elira leads, Besnik is a member."""
    catalogue()
    elira = MembershipFactory(name="Elira")
    MembershipFactory(group=elira.group, name="Besnik", seat=2)
    return assign(elira).group


def bought(group: Group, moment: datetime, package: str = "S700") -> Activation:
    leader, member = group.memberships.get(seat=1), group.memberships.get(seat=2)
    return activate(
        leader=leader.msisdn,
        member=member.msisdn,
        package=package,
        at=moment,
        channel=Channel.IVR,
        client="test",
        key=f"{group.pk}-{package}-{moment}",
        repeat_confirmed=True,
    )


def history(client: Client, group: Group, **asked: str) -> str:
    address = reverse("timeline", args=[group.contract_id])
    return opened(client, address + (f"?{'&'.join(f'{k}={v}' for k, v in asked.items())}"))


def lines(page: str) -> list[str]:
    """Return the lines as a screen reader says them, without their moments."""
    found = re.findall(r'<li class="\w+">\s*(.*?)<time', page, re.DOTALL)
    return [" ".join(strip_tags(line).split()) for line in found]


def older(page: str) -> str:
    """Return the address of older lines; empty on the last page."""
    found = re.search(r'href="([^"]*before=[^"]*)"', page)
    return found[1].replace("&amp;", "&") if found else ""


# --- what each thing says ----------------------------------------------------------------


def test_an_activation_says_what_for_whom_how_much_when_and_who(group: Group) -> None:
    done = bought(group, at("2026-11-05 14:05"))
    page = history(signed_in(CARE_AGENT), group, show="money")
    assert lines(page) == [f"Super 700: Besnik {done.reference} · Elira · call to 130 500 Lekë"]
    assert "05.11.2026 14:05" in page
    assert reverse("admin:klikon_activation_change", args=[done.pk]) in page


def test_a_reversal_and_a_credit_say_who_and_why_to_a_clerk_who_cannot_open_them(
    group: Group,
) -> None:
    undone, kept = bought(group, at("2026-11-05 10:00")), bought(group, at("2026-11-05 11:00"))
    outcomes.reverse(reference=undone.reference, at=at("2026-11-05 10:01"), reason="no answer")
    outcomes.settle(reference=kept.reference, at=at("2026-11-05 11:01"))
    kept.charge.refresh_from_db()
    give_credit(
        charge=kept.charge,
        amount_lek=200,
        key="1",
        at=at("2026-11-06 09:00"),
        actor=staff_member(CARE_AGENT, first_name="Alba", last_name="Agjente"),
        reason="slow line",
    )
    clerk = history(signed_in(STORE_CLERK), group, show="money")
    assert lines(clerk)[0] == (
        f"Credit: goodwill: Super 700: Besnik {kept.reference} · Alba Agjente · slow line -200 Lekë"
    )
    assert lines(clerk)[2] == (
        f"Charge reversed: Super 700: Besnik {undone.reference} · the system · no answer -500 Lekë"
    )
    assert "/billing/credit/" not in clerk
    assert "/billing/credit/" in history(signed_in(CARE_AGENT), group, show="money")


def test_the_leaders_history_is_read_by_its_chip(group: Group) -> None:
    leader = LeaderAssignment.objects.get(group=group)
    clerk = staff_member(STORE_CLERK, first_name="Klea", last_name="Kleriku")
    freezes.freeze(
        assignment=leader, at=at("2026-11-05 10:00"), actor=clerk, reason="lost her phone"
    )
    leadership.revoke(assignment=leader, at=at("2026-11-06 10:00"))
    page = history(signed_in(CARE_AGENT), group, show="leader")
    reference = leader.declaration.reference
    assert lines(page) == [
        "Mobile Leader revoked: Elira the Fixed Leader",
        "Mobile Leader stopped: Elira Klea Kleriku · lost her phone",
        f"Mobile Leader named by Declaration: Elira {reference} · the Fixed Leader",
    ]
    assert reverse("admin:klikon_declaration_change", args=[leader.declaration_id]) in page


def test_limits_requests_and_questions_stand_with_the_money(group: Group) -> None:
    limits.set_limit(group=group, limit_lek=3000, at=at("2026-11-05 10:00"))
    asking.set_ask_above(group=group, above_lek=600, at=at("2026-11-05 11:00"))
    first = bought(group, at("2026-11-05 12:00"))
    bought(group, at("2026-11-05 13:00"), "S1000")
    waits = WaitingRequest.objects.get()
    asked = disputes.ask(charge=first.charge, text="Who?", key="1", at=at("2026-11-05 14:00"))
    assert lines(history(signed_in(CARE_AGENT), group, show="money")) == [
        f"Question about a charge {asked.reference} · the Fixed Leader",
        f"Super 1000 asked for, above “ask me first”: Besnik {waits.reference} · Elira · "
        "call to 130 800 Lekë",
        f"Super 700: Besnik {first.reference} · Elira · call to 130 500 Lekë",
        "“Ask me first” set the Fixed Leader 600 Lekë",
        "Own limit set the Fixed Leader 3.000 Lekë",
    ]


def test_a_call_says_its_outcome_its_masked_caller_and_its_length(group: Group) -> None:
    began = at("2026-11-05 10:00")
    PhoneCall.objects.create(
        adapter="sip",
        call_id="1",
        contract=group.contract,
        caller="+355671234567",
        began_at=began,
        ended_at=began + timedelta(seconds=75),
        outcome="activated",
        end="finished",
    )
    page = history(signed_in(STORE_CLERK), group, show="calls")
    assert lines(page) == ["Call to 130: activated ***567 · 75 seconds · to the end"]
    assert "1234567" not in page


def test_an_sms_is_called_by_its_title_and_its_words_are_one_click_away(group: Group) -> None:
    bought(group, at("2026-11-05 14:05"))
    client = signed_in(STORE_CLERK)
    page = history(client, group, show="messages")
    told = OutgoingMessage.objects.filter(template="activation_receipt").latest("pk")
    assert f"SMS “A package was activated”: ***{told.recipient[-3:]} waiting" in lines(page)
    assert told.recipient not in page
    record = reverse("admin:outbox_outgoingmessage_change", args=[told.pk])
    assert record in page
    assert told.words in client.get(record).content.decode()


def test_what_the_desk_did_leads_its_own_shop_to_the_request(group: Group) -> None:
    clerk = Counter()
    draft = clerk.begin("close_group", group.contract)
    own, other = history(clerk.client, group), history(Counter(store="D02").client, group)
    line = "Request opened at the desk Arta Prova"
    assert line in lines(own)
    assert line in lines(other)
    assert reverse("draft", args=[draft.pk]) in own
    assert reverse("draft", args=[draft.pk]) not in other


# --- who reads what ----------------------------------------------------------------------


def test_who_opened_the_customer_is_for_who_reads_the_trail(group: Group) -> None:
    history(signed_in(CARE_AGENT), group)
    opening = (
        "Customer opened Arta Prova · the customer asked to be called back · asked us by telephone"
    )
    assert opening in lines(history(signed_in(AUDITOR), group))
    assert opening in lines(history(signed_in(STORE_MANAGER), group, show="staff"))
    for role in (STORE_CLERK, CARE_AGENT):
        assert "Customer opened" not in history(signed_in(role), group)


def test_what_was_refused_is_for_who_may_read_refusals(group: Group) -> None:
    with pytest.raises(ActivationRefused):
        bought(group, at("2026-11-05 14:05"), "S400")
    (refused,) = lines(history(signed_in(AUDITOR), group, show="money"))
    assert refused.startswith("Refused: S400: ***")
    assert "This is not a Klik-ON package today." in refused
    assert lines(history(signed_in(STORE_CLERK), group, show="money")) == []


def test_the_chip_of_staff_shows_what_people_did_and_nothing_else(group: Group) -> None:
    bought(group, at("2026-11-05 14:05"))
    clerk = staff_member(STORE_CLERK, first_name="Klea", last_name="Kleriku")
    limits.set_limit(
        group=group, limit_lek=3000, at=at("2026-11-06 10:00"), actor=clerk, reason="asked for"
    )
    assert lines(history(signed_in(CARE_AGENT), group, show="staff")) == [
        "Own limit set Klea Kleriku · asked for 3.000 Lekë"
    ]


# --- pages -------------------------------------------------------------------------------


def many(contract: Contract, number: int, moment: datetime) -> None:
    """Make that many acts and calls, all at the same instant."""
    for count in range(number):
        acts.record(
            "call_member",
            actor=None,
            at=moment,
            contract_number=contract.number,
            reason=f"act {count}",
        )
        PhoneCall.objects.create(
            adapter="sip",
            call_id=f"{contract.pk}-{count}",
            contract=contract,
            began_at=moment,
            caller=f"+35567{count:07}",
        )


def test_page_by_page_everything_stands_once_though_it_was_in_one_instant(group: Group) -> None:
    many(group.contract, 25, at("2026-11-05 10:00"))
    client, seen = signed_in(CARE_AGENT), []
    page = history(client, group)
    for _ in range(9):
        seen.append(lines(page))
        if not (address := older(page)):
            break
        page = client.get(address).content.decode()
    said = [line for page_of in seen for line in page_of]
    assert [len(page_of) for page_of in seen] == [20, 20, 13]
    assert len([line for line in said if "· act " in line]) == 25
    assert len({line for line in said if "· act " in line}) == 25
    assert len([line for line in said if line.startswith("Call to 130")]) == 25
    assert said[0] == "Member named by the payer the Fixed Leader · act 24"


def test_the_customers_page_leads_to_what_is_older(group: Group) -> None:
    many(group.contract, 12, timezone.now())
    client = signed_in(CARE_AGENT)
    page = opened(client, reverse("contract", args=[group.contract_id]))
    address = older(page)
    assert address.startswith(reverse("timeline", args=[group.contract_id]))
    assert not set(lines(page)) & set(lines(client.get(address).content.decode()))


@pytest.mark.parametrize(
    "asked", ["show=others", "before=x", "before=1-2", "before=99999999999999999999-1-1"]
)
def test_a_place_that_is_none_is_not_there(group: Group, asked: str) -> None:
    client = signed_in(CARE_AGENT)
    history(client, group)
    address = reverse("timeline", args=[group.contract_id])
    assert client.get(f"{address}?{asked}").status_code == 404


@pytest.mark.parametrize(("role", "asked"), [(AUDITOR, 17), (STORE_CLERK, 16)])
def test_a_longer_history_asks_the_database_no_more(
    group: Group, role: str, asked: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(role)
    address = reverse("timeline", args=[group.contract_id])
    many(group.contract, 1, at("2026-11-01 10:00"))
    bought(group, timezone.now())
    opened(client, address)
    with django_assert_num_queries(asked):
        client.get(address)
    for count in range(3):
        bought(group, timezone.now() + timedelta(seconds=count))
    with django_assert_num_queries(asked):
        client.get(address)

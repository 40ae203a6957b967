"""Try every role of a family on every page, with its own objects and another family's."""

import secrets

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import disputes
from groups import membership
from klikon.activation.activate import activate
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.leader import leadership
from klikon.models import Activation, Channel, WaitingRequest
from klikon.payer import asking, limits
from tests.factories import assign, family_with_leader
from tests.portal.families import signed_in
from tests.signing_in import sign_in, staff_member

PAYER, LEADER, MEMBER = "payer", "leader", "member"
# Who opens which page of their own. A new address needs a line here.
FAMILY = {
    "family": {PAYER, LEADER, MEMBER},
    "choose": {PAYER, LEADER, MEMBER},
    "payer": {PAYER},
    "payer_activations": {PAYER},
    "payer_bills": {PAYER},
    "payer_bill": {PAYER},
    "payer_bill_csv": {PAYER},
    "choose_leader": {PAYER},
    "payer_changes_contact": {PAYER},
    "payer_names_members": {PAYER},
    "payer_stops": {PAYER},
    "payer_allows": {PAYER},
    "payer_revokes": {PAYER},
    "payer_sets_limit": {PAYER},
    "payer_lifts_limit": {PAYER},
    "payer_is_asked": {PAYER},
    "payer_not_asked": {PAYER},
    "payer_decides": {PAYER},
    "payer_sets_pin": {PAYER},
    "payer_unlocks_phone": {PAYER},
    "payer_removes_pin": {PAYER},
    "payer_asks": {PAYER},
    "payer_complains": {PAYER},
    "payer_closes_question": {PAYER},
    "declaration": {PAYER},
    "declaration_pdf": {PAYER},
    "payer_charge": {PAYER},
    "leader": {LEADER},
    "leader_activates": {LEADER},
    "activated": {LEADER},
    "leader_gives_back": {LEADER},
    "member": {LEADER, MEMBER},
}
# The start page, the terms, and the sign-in.
OPEN_TO_ALL = {
    "start",
    "terms",
    "family_sign_in",
    "family_code",
    "family_sign_out",
    "family_sign_out_everywhere",
    "payer_knows",
}
# Pages that name no object answer alike for one's own family and another's.
OF_NOBODY = {"family", "choose", "leader", "leader_gives_back", "member"}

pytestmark = pytest.mark.django_db


class Household:
    """A family with an object behind every address."""

    def __init__(self) -> None:
        self.group, self.leading = family_with_leader()
        self.done = activated(self.leading.member.msisdn)
        self.asked = disputes.ask(
            charge=self.done.charge, text="Kush?", key=secrets.token_urlsafe(24), at=timezone.now()
        )
        asking.set_ask_above(group=self.group, above_lek=0, at=timezone.now())
        said = activated(self.leading.member.msisdn, "S1000")
        assert isinstance(said, WaitingForTheFixedLeader)
        self.waiting = WaitingRequest.objects.get(group=self.group)
        self.limit = limits.set_limit(group=self.group, limit_lek=3000, at=timezone.now())
        self.numbers = {
            PAYER: self.group.contract.contact_msisdn,
            LEADER: self.leading.member.msisdn,
            MEMBER: self.group.memberships.get(seat=2).msisdn,
        }

    def paths(self) -> dict[str, str]:
        contract = self.group.contract_id
        month = f"{self.done.month:%Y-%m}"
        arguments = {
            **{name: [contract] for name in FAMILY},
            **{name: [] for name in OF_NOBODY},
            "payer_bill": [contract, month],
            "payer_bill_csv": [contract, month],
            "payer_lifts_limit": [self.limit.pk],
            "declaration": [self.leading.declaration_id],
            "declaration_pdf": [self.leading.declaration_id],
            "payer_charge": [self.done.charge_id],
            "payer_asks": [self.done.charge_id],
            "payer_decides": [self.waiting.pk],
            **{name: [self.asked.pk] for name in ("payer_complains", "payer_closes_question")},
            "leader_activates": [self.group.memberships.get(seat=2).pk],
            "activated": [self.done.pk],
        }
        return {name: reverse(name, args=arguments[name]) for name in FAMILY}


def activated(leader: str, package: str = "S700") -> Activation:
    return activate(
        leader=leader,
        member=leader,
        package=package,
        at=timezone.now(),
        channel=Channel.IVR,
        client="matrix",
        key=leader + package,
    )


def answer(client: Client, path: str) -> str:
    """Return what a page answers: open, missing, the sign-in, or something forbidden."""
    response = client.get(path)
    if response.status_code == 302:
        return "sign-in" if response.url == reverse("family_sign_in") else "open"
    return {200: "open", 404: "not there"}.get(response.status_code, str(response.status_code))


@pytest.mark.parametrize("role", [PAYER, LEADER, MEMBER])
def test_a_role_opens_its_own_pages_and_no_other(role: str) -> None:
    home = Household()
    client = signed_in(home.numbers[role])
    found = {name: answer(client, path) for name, path in home.paths().items()}
    assert found == {name: "open" if role in FAMILY[name] else "not there" for name in FAMILY}


@pytest.mark.parametrize("role", [PAYER, LEADER, MEMBER])
def test_what_is_another_familys_is_not_there(role: str) -> None:
    home, other = Household(), Household()
    client = signed_in(other.numbers[role])
    found = {
        name: answer(client, path) for name, path in home.paths().items() if name not in OF_NOBODY
    }
    assert found == {name: "not there" for name in FAMILY if name not in OF_NOBODY}


def test_a_stranger_is_led_to_the_sign_in() -> None:
    found = {name: answer(Client(), path) for name, path in Household().paths().items()}
    assert found == dict.fromkeys(FAMILY, "sign-in")


def test_staff_have_no_part_in_a_familys_pages() -> None:
    client = sign_in(Client(), staff_member("care agent"))
    found = {name: answer(client, path) for name, path in Household().paths().items()}
    assert found == dict.fromkeys(FAMILY, "sign-in")


def test_a_family_session_opens_no_page_of_staff() -> None:
    home = Household()
    client = signed_in(home.numbers[PAYER])
    response = client.get(reverse("contract", args=[home.group.contract_id]))
    assert response.status_code == 302
    assert "login" in response.url


def test_a_former_leader_sees_nothing_any_more() -> None:
    home = Household()
    client = signed_in(home.numbers[LEADER])
    assign(home.group.memberships.get(seat=2))
    paths = home.paths()
    of_the_leader = [name for name, who in FAMILY.items() if who == {LEADER}]
    assert {answer(client, paths[name]) for name in of_the_leader} == {"not there"}


def test_who_left_the_group_is_nobody_here() -> None:
    home = Household()
    client = signed_in(home.numbers[MEMBER])
    membership.remove_member(membership=home.group.memberships.get(seat=2), at=timezone.now())
    assert {answer(client, path) for path in home.paths().values()} == {"sign-in"}


def test_a_contact_number_that_was_changed_ends_its_sessions() -> None:
    home = Household()
    client = signed_in(home.numbers[PAYER])
    contract = home.group.contract
    contract.contact_msisdn = "+355692222222"
    contract.save()
    assert {answer(client, path) for path in home.paths().values()} == {"sign-in"}


def test_a_revoked_leader_can_ask_for_nothing() -> None:
    home = Household()
    client = signed_in(home.numbers[LEADER])
    leadership.revoke(assignment=home.leading, at=timezone.now())
    path = reverse("leader_activates", args=[home.group.memberships.get(seat=2).pk])
    assert client.post(path, {"package": "S700", "step": "confirm"}).status_code == 404

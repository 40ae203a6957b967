"""R15: the payer of a closed group, or of an ended contract, sees what is owed."""

import re
from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from groups import membership
from groups.models import Contract, ContractStatus, Group
from klikon.activation.activate import activate
from klikon.models import Channel, LeaderAssignment
from klikon.reading import people
from tests.factories import ContractFactory, GroupFactory, at, family_with_leader
from tests.portal.families import signed_in

pytestmark = pytest.mark.django_db

BOUGHT, CLOSED = at("2026-11-05 14:05"), at("2026-11-12 10:00")


@pytest.fixture
def closed() -> Contract:
    """500 Lek spent on 5 November; the group closed on the 12th."""
    group, leading = family_with_leader()
    buy(leading)
    with time_machine.travel(CLOSED, tick=False):
        membership.close_group(group=group, at=CLOSED)
    return group.contract


def buy(leading: LeaderAssignment) -> None:
    number = leading.member.msisdn
    activate(
        leader=number,
        member=number,
        package="S700",
        at=BOUGHT,
        channel=Channel.IVR,
        client="t",
        key="1",
    )


def home(contract: Contract, moment: str, client: Client | None = None) -> str:
    with time_machine.travel(at(moment), tick=False):
        page = (client or signed_in(contract.contact_msisdn)).get(
            reverse("payer", args=[contract.pk])
        )
    assert page.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def end(contract: Contract) -> None:
    Contract.objects.filter(pk=contract.pk).update(status=ContractStatus.ENDED)


def test_it_says_when_it_closed_what_is_owed_and_what_was_activated(closed: Contract) -> None:
    page = home(closed, "2026-11-20 10:00")
    for said in (
        "Your SuperFamilja group closed on 12.11.2026",
        "12/2026 the coming bill",
        "500 Lekë",
        "Month 11/2026, so far",
        "Super 700 for:",
    ):
        assert said in page
    assert "No SuperFamilja group yet" not in page


def test_in_the_next_month_the_bill_is_still_there(closed: Contract) -> None:
    page = home(closed, "2026-12-03 10:00")
    assert "12/2026 Klik-ON, month 11/2026 500 Lekë" in page


def test_a_new_group_of_the_contract_is_what_home_shows(closed: Contract) -> None:
    GroupFactory(contract=closed, opened_on=date(2026, 11, 20))
    page = home(closed, "2026-11-21 10:00")
    assert "The group has no members yet" in page
    assert "closed on" not in page


def test_who_never_had_a_group_is_told_how_to_open_one() -> None:
    assert "No SuperFamilja group yet" in home(ContractFactory(), "2026-11-20 10:00")


def test_of_several_contracts_each_shows_its_own(closed: Contract) -> None:
    other: Group = GroupFactory(contract__contact_msisdn=closed.contact_msisdn)
    client_of = closed.contact_msisdn
    with time_machine.travel(at("2026-11-20 10:00"), tick=False):
        client = signed_in(client_of)
        family = client.get(reverse("family")).content.decode()
    for contract in (closed, other.contract):
        assert reverse("payer", args=[contract.pk]) in family
    assert "closed on 12.11.2026" in home(closed, "2026-11-20 10:00", client)
    assert "closed on" not in home(other.contract, "2026-11-20 10:00", client)


def test_an_ended_contract_that_owes_is_read_and_not_acted_on(closed: Contract) -> None:
    end(closed)
    page = home(closed, "2026-12-03 10:00")
    assert "This fixed contract has ended." in page
    assert "500 Lekë" in page
    with time_machine.travel(at("2026-12-03 10:00"), tick=False):
        client = signed_in(closed.contact_msisdn)
        bill = client.get(reverse("payer_bill", args=[closed.pk, "2026-11"]))
        contact = client.get(reverse("payer_changes_contact", args=[closed.pk]))
    assert (bill.status_code, contact.status_code) == (200, 404)


@pytest.mark.parametrize(
    ("moment", "is_seen"), [("2027-01-31 12:00", True), ("2027-02-01 12:00", False)]
)
def test_an_ended_contract_is_seen_until_two_months_after_its_last_bill(
    closed: Contract, moment: str, *, is_seen: bool
) -> None:
    end(closed)
    with time_machine.travel(at(moment), tick=False):
        assert people.on_file(closed.contact_msisdn).is_known == is_seen


def test_the_numbers_next_owner_sees_nothing_of_the_ended_contract(closed: Contract) -> None:
    end(closed)
    theirs = ContractFactory(contact_msisdn=closed.contact_msisdn, owner_nid="K20000002B")
    with time_machine.travel(at("2026-12-03 10:00"), tick=False):
        found = people.on_file(closed.contact_msisdn)
    assert (found.payer_of, found.is_shared) == (frozenset({theirs.pk}), False)

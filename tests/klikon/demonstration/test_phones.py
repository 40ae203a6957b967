"""Each demonstration number has its phone with its SMS, and a sign-in with it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from groups.models import Group, Membership
from klikon.leader import freezes
from superfamilja.messages.models import OutgoingMessage
from tests.factories import MembershipFactory, assign, at, family, family_with_leader

pytestmark = pytest.mark.django_db


def read(name: str, pk: int, status: int = 200) -> str:
    client = Client()
    client.cookies["django_language"] = "en"
    response = client.get(reverse(name, args=[pk]))
    assert response.status_code == status
    return str(response.content.decode())


def queries(name: str, pk: int) -> int:
    with CaptureQueriesContext(connection) as asked:
        read(name, pk)
    return len(asked)


@pytest.fixture
def group() -> Group:
    return family_with_leader()[0]


def member(group: Group, seat: int) -> Membership:
    return group.memberships.get(seat=seat)


def test_a_members_phone_shows_what_came_to_it_and_nothing_else(group: Group) -> None:
    page = read("demo_phone", member(group, 1).pk)
    mine = OutgoingMessage.objects.get(recipient=member(group, 1).msisdn)
    payers = OutgoingMessage.objects.get(recipient=group.contract.contact_msisdn)
    assert mine.words in page
    assert payers.words not in page


def test_the_payers_phone_is_found_by_his_contract(group: Group) -> None:
    payers = OutgoingMessage.objects.get(recipient=group.contract.contact_msisdn)
    assert payers.words in read("demo_payer", group.contract_id)


def test_a_payer_who_is_a_member_has_one_phone(group: Group) -> None:
    MembershipFactory(group=group, seat=4, msisdn=group.contract.contact_msisdn)
    assert "Fixed Leader" in read("demo_phone", member(group, 4).pk)
    read("demo_payer", group.contract_id, status=404)


def test_a_code_for_signing_in_arrives_on_it(group: Group) -> None:
    number = member(group, 2).msisdn
    Client().post(reverse("family_sign_in"), {"number": number})
    code = OutgoingMessage.objects.get(recipient=number).parameters["code"]
    assert str(code) in read("demo_phone", member(group, 2).pk)
    assert str(code) in read("demo_phone_live", member(group, 2).pk)


def test_it_leads_in_with_its_number_and_to_the_other_phones(group: Group) -> None:
    page = read("demo_phone", member(group, 1).pk)
    assert f'value="{member(group, 1).msisdn}"' in page
    assert reverse("demo_phone", args=[member(group, 2).pk]) in page
    assert reverse("demo_payer", args=[group.contract_id]) in page


def test_who_left_has_no_phone_here() -> None:
    gone = MembershipFactory(group=family(1), seat=2, left_on=at("2026-01-01 10:00").date())
    read("demo_phone", gone.pk, status=404)


def test_more_sms_and_members_ask_the_database_no_more_often(group: Group) -> None:
    few = queries("demo_phone", member(group, 1).pk)
    MembershipFactory(group=group, seat=4)
    freezes.freeze(assignment=assign(member(group, 2)), at=at("2026-11-05 10:00"))
    assert queries("demo_phone", member(group, 1).pk) == few


@pytest.mark.parametrize("name", ["demo_phone", "demo_phone_live", "demo_payer", "demo_payer_live"])
def test_there_are_no_phones_in_production(name: str, group: Group, settings: Settings) -> None:
    settings.DEMONSTRATION = False
    read(name, member(group, 1).pk, status=404)

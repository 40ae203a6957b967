"""The payer changes their contact number: two codes, both numbers told, the old one signed out."""

import pytest
from django.test import Client
from django.urls import reverse

from groups.models import ContactChange, Contract, Group
from superfamilja.customers.models import OneTimeCode
from superfamilja.messages.models import OutgoingMessage
from tests.factories import ContractFactory, MembershipFactory, family
from tests.portal.families import code_sent_to, signed_in

pytestmark = pytest.mark.django_db
NEW = "+355692222222"


@pytest.fixture
def group() -> Group:
    return family()


def path(group: Group) -> str:
    return reverse("payer_changes_contact", args=[group.contract_id])


def ask(client: Client, group: Group, number: str = "069 222 2222") -> str:
    page = client.post(path(group), {"number": number, "step": "check"})
    return str(page.content.decode())


def confirm(client: Client, group: Group, old: str, new: str) -> str:
    page = client.post(
        path(group), {"contact_old": old, "contact_new": new, "step": "confirm"}, follow=True
    )
    return str(page.content.decode())


def contact_of(group: Group) -> str:
    return Contract.objects.get(pk=group.contract_id).contact_msisdn


def test_a_code_to_each_number_changes_it(group: Group) -> None:
    old = group.contract.contact_msisdn
    client = signed_in(old)
    ask(client, group)
    page = confirm(client, group, code_sent_to(old), code_sent_to(NEW))
    assert contact_of(group) == NEW
    assert "Your contact number is changed" in page


def test_the_old_numbers_sessions_end_and_this_one_goes_on(group: Group) -> None:
    old = group.contract.contact_msisdn
    here, there = signed_in(old), signed_in(old)
    ask(here, group)
    confirm(here, group, code_sent_to(old), code_sent_to(NEW))
    home = reverse("payer", args=[group.contract_id])
    assert (here.get(home).status_code, there.get(home).status_code) == (200, 302)


def test_a_wrong_code_is_named_by_its_number_and_the_right_one_stays_good(group: Group) -> None:
    old = group.contract.contact_msisdn
    client = signed_in(old)
    ask(client, group)
    first, second = code_sent_to(old), code_sent_to(NEW)
    page = confirm(client, group, first, "000000" if second != "000000" else "111111")
    assert "The code sent to ***222</a>: This code is not right" in page
    assert f'value="{first}"' in page
    confirm(client, group, first, second)
    assert contact_of(group) == NEW


def test_the_codes_of_one_number_change_it_to_no_other(group: Group) -> None:
    old = group.contract.contact_msisdn
    client = signed_in(old)
    ask(client, group)
    first = code_sent_to(old)
    # as if another browser had asked, and not a moment ago
    OneTimeCode.objects.update(address="elsewhere")
    ask(client, group, "069 333 3333")
    confirm(client, group, first, code_sent_to("+355693333333"))
    assert contact_of(group) == old


def test_a_number_that_another_owner_has_is_refused_only_to_who_holds_it(group: Group) -> None:
    ContractFactory(contact_msisdn=NEW, owner_nid="K20000002B")
    old = group.contract.contact_msisdn
    client = signed_in(old)
    assert "Another owner" not in ask(client, group)
    assert "Another owner" in confirm(client, group, code_sent_to(old), code_sent_to(NEW))
    assert contact_of(group) == old


def test_the_number_it_has_is_said_and_no_code_leaves(group: Group) -> None:
    client = signed_in(group.contract.contact_msisdn)
    page = ask(client, group, group.contract.contact_msisdn)
    assert "already is the contact mobile" in page
    assert not OutgoingMessage.objects.exists()


def test_what_cannot_be_a_number_is_said_and_kept(group: Group) -> None:
    page = ask(signed_in(group.contract.contact_msisdn), group, "069 2")
    assert 'value="069 2"' in page


def test_sent_twice_it_is_changed_once(group: Group) -> None:
    old = group.contract.contact_msisdn
    client = signed_in(old)
    ask(client, group)
    first, second = code_sent_to(old), code_sent_to(NEW)
    for _ in range(2):
        confirm(client, group, first, second)
    assert ContactChange.objects.count() == 1


def test_no_address_carries_a_number(group: Group) -> None:
    old = group.contract.contact_msisdn
    client = signed_in(old)
    ask(client, group)
    page = client.post(
        path(group),
        {"contact_old": code_sent_to(old), "contact_new": code_sent_to(NEW), "step": "confirm"},
    )
    assert page.url == reverse("payer", args=[group.contract_id])


def test_proven_by_both_codes_it_names_a_leader_at_once_without_the_printed_number(
    group: Group,
) -> None:
    old = group.contract.contact_msisdn
    client = signed_in(old)
    ask(client, group)
    confirm(client, group, code_sent_to(old), code_sent_to(NEW))
    page = client.post(
        reverse("choose_leader", args=[group.contract_id]),
        {"member": group.memberships.get(seat=2).pk, "step": "check"},
    )
    said = page.content.decode()
    assert "An SMS with a code is on its way" in said
    assert "customer_code" not in said


def test_who_is_a_member_too_stays_one_with_the_old_number(group: Group) -> None:
    old = group.contract.contact_msisdn
    MembershipFactory(group=group, seat=4, msisdn=old)
    client = signed_in(old)
    ask(client, group)
    confirm(client, group, code_sent_to(old), code_sent_to(NEW))
    member = signed_in(old)
    assert member.get(reverse("member")).status_code == 200
    assert member.get(reverse("payer", args=[group.contract_id])).status_code == 404

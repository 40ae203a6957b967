"""R3: the Fixed Leader chooses the Mobile Leader online, from the start page to the reference."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from groups import contact
from groups.models import Group
from groups.proof import Proof
from klikon.models import Declaration, LeaderAssignment
from superfamilja.messages.models import OutgoingMessage
from tests.factories import MembershipFactory, catalogue, family, family_with_leader
from tests.portal.families import code_sent_to, session_of, signed_in
from tests.proofs import payers_word, seen_paper

pytestmark = pytest.mark.django_db


def choose(client: Client, group: Group, seat: int) -> str:
    """Choose a member; return the page with the code."""
    page = client.post(
        reverse("choose_leader", args=[group.contract_id]),
        {"member": group.memberships.get(seat=seat).pk, "step": "check"},
    )
    assert page.status_code == 200
    return page.content.decode()


def confirm(client: Client, group: Group, code: str, **typed: str) -> object:
    return client.post(
        reverse("choose_leader", args=[group.contract_id]),
        {"code": code, "step": "confirm", **typed},
    )


@pytest.mark.parametrize("is_member", [False, True])
def test_from_the_start_page_to_done_in_six_pages(is_member: bool) -> None:
    catalogue()
    group = family()
    if is_member:  # the payer is a member as well
        MembershipFactory(group=group, seat=4, msisdn=group.contract.contact_msisdn)
    payer = group.contract.contact_msisdn
    client = Client()
    pages = [client.get("/"), client.get(reverse("choose"), follow=True)]
    pages.append(client.post(reverse("family_sign_in"), {"number": "0" + payer[4:]}, follow=True))
    pages.append(client.post(reverse("family_code"), {"code": code_sent_to(payer)}, follow=True))
    assert pages[-1].redirect_chain[-1][0] == reverse("payer", args=[group.contract_id])
    choose(client, group, 2)
    pages.append("the check page with the code")
    pages.append(
        client.post(
            reverse("choose_leader", args=[group.contract_id]),
            {"code": code_sent_to(payer), "step": "confirm"},
            follow=True,
        )
    )
    assert len(pages) == 6
    declaration = Declaration.objects.get()
    assert pages[-1].redirect_chain[-1][0] == reverse("declaration", args=[declaration.pk])
    assert declaration.reference in pages[-1].content.decode()
    assert (declaration.channel, declaration.member.seat) == ("online", 2)


def test_before_the_last_tap_it_says_who_may_spend_how_much_on_which_bill() -> None:
    group = family()
    text = re.sub(r"<[^>]+>", "", choose(signed_in(group.contract.contact_msisdn), group, 2))
    member = group.memberships.get(seat=2)
    assert member.name in text
    assert "6.500 Lekë (= 13 × Super 700) a month" in text
    assert "on the next bill of the fixed contract of 04 2" in text


def test_the_code_says_what_it_is_for() -> None:
    group = family()
    choose(signed_in(group.contract.contact_msisdn), group, 2)
    member = group.memberships.get(seat=2)
    message = OutgoingMessage.objects.get(template="code_for_leader")
    assert message.words == (
        f"{message.parameters['code']} për Lider Mobile ***{member.msisdn[-3:]}, "
        "deri 6.500 Lekë/muaj në faturën tuaj. Mos e jepni!"
    )


def test_payer_leader_and_former_leader_are_told_once_each() -> None:
    group, _ = family_with_leader()
    client = signed_in(group.contract.contact_msisdn)
    choose(client, group, 2)
    confirm(client, group, code_sent_to(group.contract.contact_msisdn))
    told = OutgoingMessage.objects.filter(why="leader_named").order_by("-pk")[:3]
    assert {m.recipient for m in told} == {
        group.contract.contact_msisdn,
        group.memberships.get(seat=1).msisdn,
        group.memberships.get(seat=2).msisdn,
    }


def test_a_code_for_one_member_names_no_other() -> None:
    group = family()
    client = signed_in(group.contract.contact_msisdn)
    choose(client, group, 2)
    session = session_of(client)
    session["naming"] = {**session["naming"], "member": group.memberships.get(seat=3).pk}
    session.save()
    page = confirm(client, group, code_sent_to(group.contract.contact_msisdn))
    assert not LeaderAssignment.objects.exists()
    assert "not right" in page.content.decode()


def test_asked_again_at_once_the_code_that_was_sent_still_stands() -> None:
    group = family()
    client = signed_in(group.contract.contact_msisdn)
    choose(client, group, 2)
    first = code_sent_to(group.contract.contact_msisdn)
    assert "A code was sent a moment ago" in choose(client, group, 2)
    confirm(client, group, first)
    assert LeaderAssignment.objects.get().member.seat == 2


def test_a_wrong_code_keeps_the_page_and_says_how_many_tries_are_left() -> None:
    group = family()
    client = signed_in(group.contract.contact_msisdn)
    choose(client, group, 2)
    page = confirm(client, group, "000000").content.decode()
    assert "Tries left: 2" in page
    assert not LeaderAssignment.objects.exists()


def test_who_names_the_number_that_gets_the_code_shows_the_bill_as_well() -> None:
    group = family()
    contract = group.contract
    contract.contact_msisdn = group.memberships.get(seat=1).msisdn
    contract.save()
    client = signed_in(contract.contact_msisdn)
    assert "customer_code" in choose(client, group, 1)
    code = code_sent_to(contract.contact_msisdn)
    page = confirm(client, group, code, customer_code="SF0000000")
    assert "not right" in page.content.decode()
    confirm(client, group, code, customer_code=f" {contract.number.lower()} ")
    assert LeaderAssignment.objects.get().member.seat == 1


def test_a_contact_that_a_code_proved_names_at_once_without_the_bill() -> None:
    group = family()
    changed(group, payers_word(group.contract, timezone.now()))
    assert "customer_code" not in choose(signed_in("+355692222222"), group, 2)
    assert OutgoingMessage.objects.filter(template="code_for_leader").count() == 1


def test_a_contact_that_a_second_person_saw_names_nobody_online_for_three_days() -> None:
    group = family()
    changed(group, seen_paper(group.contract, "change_contact"))
    page = choose(signed_in("+355692222222"), group, 2)
    assert "For three days the new one may look, stop and lower" in page
    assert not OutgoingMessage.objects.filter(template="code_for_leader").exists()


def changed(group: Group, proof: Proof) -> None:
    contact.change_contact(
        contract=group.contract,
        msisdn="+355692222222",
        proof=proof,
        evidence="shown",
        at=timezone.now(),
    )


def test_another_payer_cannot_choose_for_this_contract() -> None:
    group, other = family(), family()
    page = signed_in(other.contract.contact_msisdn).get(
        reverse("choose_leader", args=[group.contract_id])
    )
    assert page.status_code == 404

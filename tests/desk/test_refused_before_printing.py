"""The check page tells what a rule refuses, before anything is printed or signed."""

import pytest
from django.utils import timezone

from billing import outcomes
from groups.models import Contract, Group, Membership
from klikon.desk.models import Draft, Paper
from klikon.leader import freezes
from klikon.models import LeaderAssignment
from superfamilja.accounts.roles import CARE_AGENT
from tests.desk.counter import Counter
from tests.factories import ContractFactory, at, charge, family
from tests.staff.acts import post

pytestmark = pytest.mark.django_db
PRINT = "Printoni për nënshkrim"


@pytest.fixture
def clerk() -> Counter:
    counter = Counter()
    counter.client.cookies["django_language"] = "sq"
    return counter


def refused(clerk: Counter, act: str, contract: Contract, **typed: object) -> str:
    """Return the request's check page, which must offer no way to a paper."""
    draft = clerk.begin(act, contract)
    page = clerk.fill(draft, **typed)
    assert PRINT not in page
    clerk.sign(draft)
    clerk.go_by("use_blank", draft.pk, number="B1")
    assert not Paper.objects.exists()
    assert Draft.objects.get().state == "open"
    return page


def test_what_no_rule_refuses_is_printed(clerk: Counter, group: Group) -> None:
    draft = clerk.begin("name_leader", group.contract)
    assert PRINT in clerk.fill(draft, member=group.memberships.get(seat=2).pk)


def test_a_member_who_sits_in_another_group(clerk: Counter) -> None:
    elsewhere: Membership = family(1).memberships.get()
    group = family(1)
    page = refused(
        clerk,
        "add_member",
        group.contract,
        msisdn=elsewhere.msisdn,
        name="Ana",
        plan="standard_prepaid",
    )
    assert "Ky numër është tashmë anëtar i një grupi SuperFamilja" in page


def test_the_contact_of_another_owner(clerk: Counter, group: Group) -> None:
    other = ContractFactory(contact_msisdn="+355692222222", owner_nid="K10000002B")
    page = refused(clerk, "change_contact", group.contract, msisdn=other.contact_msisdn)
    assert "Një titullar tjetër e ka dhënë këtë numër si kontakt" in page


def test_who_leads_already(clerk: Counter, leader: LeaderAssignment) -> None:
    page = refused(clerk, "name_leader", leader.group.contract, member=leader.member_id)
    assert "Lideri Mobile i këtij grupi është tashmë" in page


def test_a_limit_above_the_cap(clerk: Counter, group: Group) -> None:
    page = refused(clerk, "set_limit", group.contract, limit_lek=7000)
    assert "është më shumë se kufiri mujor" in page


def test_a_phone_channel_that_is_not_locked(clerk: Counter, leader: LeaderAssignment) -> None:
    assert "Telefoni 130 nuk është i bllokuar." in refused(
        clerk, "unlock_phone", leader.group.contract
    )


def test_a_leader_who_is_not_stopped(clerk: Counter, leader: LeaderAssignment) -> None:
    refused(clerk, "unfreeze_leader", leader.group.contract)


def test_a_leader_who_is_stopped_already(clerk: Counter, leader: LeaderAssignment) -> None:
    freezes.freeze(assignment=leader, at=timezone.now())
    refused(clerk, "freeze_leader", leader.group.contract)


def test_a_group_of_a_suspended_contract(clerk: Counter) -> None:
    refused(clerk, "open_group", ContractFactory(status="suspended"))


def test_what_became_refused_after_printing_is_told_beside_the_paper(
    clerk: Counter, group: Group
) -> None:
    draft = clerk.printed("set_limit", group.contract, limit_lek=500)
    Draft.objects.filter(pk=draft.pk).update(typed={**draft.typed, "limit_lek": "7000"})
    assert "është më shumë se kufiri mujor" in clerk.page("draft", draft.pk)


def test_a_credit_larger_than_its_charge_is_told_on_the_check_page() -> None:
    posted = charge(ContractFactory(), 500)
    outcomes.settle(reference=posted.reference, at=at("2026-11-06 09:00"))
    page = post(
        "give_credit",
        posted.pk,
        step="check",
        role=CARE_AGENT,
        amount_lek="501",
        told="goodwill",
        key="k" * 32,
    )
    assert "edhe më së shumti 500 Lekë" in page or "at most 500 Lekë more" in page
    assert 'value="501"' in page

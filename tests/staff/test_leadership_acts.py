"""Staff's acts on the Mobile Leader and on the payer's limits (R4, R26, R27)."""

import pytest
from django.urls import reverse
from django.utils import timezone

from groups.models import Group
from klikon.leader import freezes, leadership
from klikon.models import FreezeCause, LeaderAssignment, LeaderFreeze, OwnLimit
from klikon.payer import limits
from superfamilja.accounts.roles import (
    ADMINISTRATOR,
    AUDITOR,
    BILLING_REVIEWER,
    CARE_AGENT,
    STORE_CLERK,
    STORE_MANAGER,
)
from superfamilja.audit.models import Act
from tests.factories import family_with_leader
from tests.proofs import payers_word
from tests.staff.acts import contract_page, post
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db


def in_force(leader: LeaderAssignment) -> bool:
    return LeaderAssignment.objects.in_force().filter(pk=leader.pk).exists()


@pytest.mark.parametrize("role", [STORE_CLERK, STORE_MANAGER, CARE_AGENT])
def test_r4_a_shop_and_a_care_agent_may_stop_the_leader(
    leader: LeaderAssignment, role: str
) -> None:
    page = post("stop_leader", leader.pk, role=role)
    assert "The Mobile Leader is stopped for now." in page
    freeze = LeaderFreeze.objects.get()
    assert (freeze.reason, freeze.cause) == ("came with her card", "fixed_leader")
    assert freeze.frozen_by is not None


@pytest.mark.parametrize("page", ["stop_leader", "number_changed"])
@pytest.mark.parametrize("role", [BILLING_REVIEWER, AUDITOR, ADMINISTRATOR])
def test_who_serves_nobody_stops_nobody(leader: LeaderAssignment, page: str, role: str) -> None:
    assert signed_in(role).get(reverse(page, args=[leader.pk])).status_code == 403


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("stop_leader", "nobody can activate packages for the group"),
        ("number_changed", "or a new Declaration allows it again"),
    ],
)
def test_the_check_page_says_what_follows_and_writes_nothing(
    leader: LeaderAssignment, page: str, said: str
) -> None:
    checked = post(page, leader.pk, step="check", cause="ported")
    assert said in checked
    assert "came with her card" in checked
    assert in_force(leader)


def test_r26_the_fixed_leaders_own_word_is_no_word_of_the_crm(leader: LeaderAssignment) -> None:
    page = post("number_changed", leader.pk, cause="fixed_leader")
    assert "Something is missing or cannot be read" in page
    assert not LeaderFreeze.objects.exists()


def test_r4_the_page_of_a_former_leader_says_so_and_stops_nobody(
    leader: LeaderAssignment, group: Group
) -> None:
    leadership.revoke(assignment=leader, at=timezone.now())
    assert "is no longer the Mobile Leader of this group" in post("stop_leader", leader.pk)
    assert "is no longer the Mobile Leader of this group" in post(
        "number_changed", leader.pk, cause="ported"
    )


def test_the_contract_page_shows_the_stop_its_cause_and_what_it_takes(
    leader: LeaderAssignment, group: Group
) -> None:
    freezes.number_changed(msisdn=leader.member.msisdn, cause=FreezeCause.PORTED, at=timezone.now())
    page = contract_page(group)
    assert "the number was ported" in page
    assert "confirmation, or a new Declaration, allows them again" in page
    assert reverse("start_draft", args=[group.contract_id, "unfreeze_leader"]) in page
    assert reverse("stop_leader", args=[leader.pk]) not in page


def test_the_history_of_leaders_shows_their_stops(leader: LeaderAssignment, group: Group) -> None:
    post("stop_leader", leader.pk)
    freezes.unfreeze(
        proof=payers_word(leader.group.contract, timezone.now()),
        assignment=leader,
        at=timezone.now(),
        evidence="signed form 7",
    )
    page = contract_page(group, role=AUDITOR)
    assert "Mobile Leaders and stops until today" in page
    assert "signed form 7" in page


@pytest.mark.parametrize(
    ("role", "offered"),
    [(STORE_CLERK, (False, True)), (CARE_AGENT, (True, False)), (AUDITOR, (False, False))],
)
def test_each_role_is_offered_its_way_to_stop_the_leader(
    leader: LeaderAssignment, role: str, offered: tuple[bool, bool]
) -> None:
    page = contract_page(leader.group, role)
    by_phone = reverse("stop_leader", args=[leader.pk])
    by_paper = reverse("start_draft", args=[leader.group.contract_id, "freeze_leader"])
    assert (by_phone in page, by_paper in page) == offered


def test_r27_a_limit_is_set_for_the_group_and_echoed_in_packages(group: Group) -> None:
    checked = post("set_limit", group.pk, step="check", whom="", limit_lek="2.000")
    assert "2.000 Lekë (= 4 × Super 700)" in checked
    assert "the whole group" in checked
    assert not OwnLimit.objects.exists()
    post("set_limit", group.pk, whom="", limit_lek="2.000")
    limit = OwnLimit.objects.get()
    assert (limit.limit_lek, limit.member) == (2000, None)
    assert "2.000 Lekë (= 4 × Super 700)" in contract_page(group)


def test_r27_a_limit_is_set_for_one_member(group: Group) -> None:
    member = group.memberships.get(seat=2)
    post("set_limit", group.pk, whom=member.pk, limit_lek="1700 Lekë")
    assert OwnLimit.objects.get().member == member
    assert "1.700 Lekë (= 3 × Super 700 + 200 Lekë)" in contract_page(group)


def test_r27_a_limit_above_the_cap_is_refused_in_words_and_stays_typed(group: Group) -> None:
    page = post("set_limit", group.pk, whom="", limit_lek="7000")
    assert "7.000 Lekë is more than the monthly cap of 6.500 Lekë" in page
    assert 'value="7000"' in page


@pytest.mark.parametrize("typed", ["", "-1", "20.00", "2,5", "dy mijë"])
def test_r27_what_is_no_amount_is_not_guessed(group: Group, typed: str) -> None:
    assert "Something is missing" in post("set_limit", group.pk, whom="", limit_lek=typed)
    assert not OwnLimit.objects.exists()


def test_r27_no_other_familys_member_can_be_limited(group: Group) -> None:
    stranger = family_with_leader()[0].memberships.get(seat=1)
    assert "Something is missing" in post("set_limit", group.pk, whom=stranger.pk, limit_lek="500")
    assert not OwnLimit.objects.exists()


def test_r30_by_phone_a_limit_only_becomes_lower(group: Group) -> None:
    limits.set_limit(group=group, limit_lek=2000, at=timezone.now())
    page = post("set_limit", group.pk, whom="", limit_lek="3.000")
    assert "A signature or a recorded call alone only stops or lowers." in page
    assert 'value="3.000"' in page
    post("set_limit", group.pk, whom="", limit_lek="500")
    assert OwnLimit.objects.get(ended_at=None).limit_lek == 500
    assert Act.objects.filter(verb="set_limit").latest("pk").details["call"] == "C-2026-118"


def test_r30_without_the_id_of_the_call_nothing_is_set(group: Group) -> None:
    page = post("set_limit", group.pk, whom="", limit_lek="500", call="phone")
    assert "Write the id of the recorded call" in page
    assert not OwnLimit.objects.exists()


@pytest.mark.parametrize("role", [AUDITOR, BILLING_REVIEWER])
def test_r27_who_serves_nobody_sets_no_limits(group: Group, role: str) -> None:
    assert signed_in(role).get(reverse("set_limit", args=[group.pk])).status_code == 403


def test_r27_limits_before_stay_on_the_contract_page(group: Group) -> None:
    limits.set_limit(group=group, limit_lek=2000, at=timezone.now())
    limits.lift_limit(
        proof=payers_word(group.contract, timezone.now()), group=group, at=timezone.now()
    )
    page = contract_page(group)
    assert "Limits before" in page
    assert "The monthly cap binds: 6.500 Lekë (= 13 × Super 700)" in page

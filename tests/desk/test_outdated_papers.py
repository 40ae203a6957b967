"""A signature counts only for the leader, group, number or limit that its paper names."""

import pytest
from django.utils import timezone

from groups import contact, membership
from groups.models import ContactChange, Group
from klikon.desk.models import Draft, Letter, Paper
from klikon.desk.papers import blanks
from klikon.leader import freezes, phone_pin
from klikon.models import FreezeCause, LeaderAssignment, OwnLimit
from superfamilja.accounts.roles import STORE_MANAGER
from tests.desk.counter import Counter
from tests.factories import OwnLimitFactory, assign
from tests.proofs import payers_word

pytestmark = pytest.mark.django_db
OUTDATED = "What this paper is about has changed since it was made"


def leads(group: Group) -> list[int]:
    return [a.member.seat for a in LeaderAssignment.objects.in_force().filter(group=group)]


def another_leads(leader: LeaderAssignment) -> None:
    assign(leader.group.memberships.get(seat=3))


@pytest.mark.parametrize("act", ["revoke_leader", "freeze_leader", "reset_pin"])
def test_a_paper_about_one_leader_does_nothing_to_the_next_one(
    clerk: Counter, leader: LeaderAssignment, act: str
) -> None:
    now = timezone.now()
    word = payers_word(leader.group.contract, now)
    phone_pin.set_pin(leader=leader, pin="8305", proof=word, at=now)
    draft = clerk.printed(act, leader.group.contract)
    another_leads(leader)
    assert OUTDATED in clerk.page("draft", draft.pk)
    assert OUTDATED in clerk.post("confirm_draft", draft.pk)
    assert leads(leader.group) == [3]


def test_a_stop_of_the_crm_is_not_lifted_by_a_paper_about_an_earlier_one(
    clerk: Counter, leader: LeaderAssignment
) -> None:
    freezes.freeze(assignment=leader, at=timezone.now())
    draft = clerk.printed("unfreeze_leader", leader.group.contract)
    freezes.number_changed(
        msisdn=leader.member.msisdn, cause=FreezeCause.SIM_SWAPPED, at=timezone.now()
    )
    assert OUTDATED in clerk.post("confirm_draft", draft.pk)
    assert leads(leader.group) == []


def test_an_older_declaration_does_not_undo_a_newer_one(
    clerk: Counter, manager: Counter, leader: LeaderAssignment
) -> None:
    group = leader.group
    draft = clerk.printed("name_leader", group.contract, member=group.memberships.get(seat=2).pk)
    clerk.scanned(draft)
    clerk.go_by("send_for_approval", draft.pk)
    another_leads(leader)
    page = manager.page("draft", draft.pk)
    assert OUTDATED in page
    assert "Yes, it comes into force" not in page
    assert OUTDATED in manager.post("approve_draft", draft.pk)
    assert leads(group) == [3]
    manager.go_by("send_back_draft", draft.pk, reason="Somebody else was named.")
    assert "Print a new paper" in clerk.page("draft", draft.pk)


def test_a_declaration_does_not_undo_a_stop_of_the_payers_since(
    clerk: Counter, manager: Counter, leader: LeaderAssignment
) -> None:
    group = leader.group
    draft = clerk.printed("name_leader", group.contract, member=group.memberships.get(seat=2).pk)
    clerk.scanned(draft)
    clerk.go_by("send_for_approval", draft.pk)
    freezes.freeze(assignment=leader, at=timezone.now())
    assert OUTDATED in manager.post("approve_draft", draft.pk)
    assert leads(group) == []


def test_a_declaration_over_another_limit_takes_another_paper(clerk: Counter, group: Group) -> None:
    draft = clerk.printed("name_leader", group.contract, member=group.memberships.get(seat=2).pk)
    OwnLimitFactory(group=group, limit_lek=3000)
    assert OwnLimit.objects.count() == 1
    assert OUTDATED in clerk.post("send_shop_code", draft.pk)
    clerk.sign(draft)
    assert [paper.voided_at is None for paper in Paper.objects.order_by("pk")] == [False, True]
    clerk.go_by("confirm_draft", draft.pk, code=clerk.read_out(draft))
    assert leads(group) == [2]


def test_a_contact_that_the_owner_changed_himself_is_not_overwritten(
    clerk: Counter, group: Group
) -> None:
    draft = clerk.printed("change_contact", group.contract, msisdn="069 222 2222")
    contact.change_contact(
        proof=payers_word(group.contract, timezone.now()),
        contract=group.contract,
        msisdn="+355693333333",
        evidence="online",
        at=timezone.now(),
    )
    assert OUTDATED in clerk.post("confirm_draft", draft.pk)
    assert [change.after for change in ContactChange.objects.all()] == ["+355693333333"]


def test_a_group_opened_since_is_not_the_one_that_was_to_be_closed(
    clerk: Counter, group: Group
) -> None:
    draft = clerk.printed("close_group", group.contract)
    membership.close_group(group=group, at=timezone.now())
    again = membership.open_group(contract=group.contract, at=timezone.now())
    assert OUTDATED in clerk.post("confirm_draft", draft.pk)
    again.refresh_from_db()
    assert again.closed_on is None


def test_a_member_who_left_is_told_of_in_so_many_words(
    clerk: Counter, manager: Counter, group: Group
) -> None:
    second = group.memberships.get(seat=2)
    draft = clerk.printed("name_leader", group.contract, member=second.pk)
    clerk.scanned(draft)
    clerk.go_by("send_for_approval", draft.pk)
    membership.remove_member(membership=second, at=timezone.now())
    assert (
        "What was filled in does not hold any more: This member is not in the group any more."
        in manager.post("approve_draft", draft.pk)
    )


def test_when_the_printer_jams_a_blank_takes_the_place_of_the_print(
    clerk: Counter, group: Group
) -> None:
    draft = clerk.printed("close_group", group.contract)
    (blank,) = blanks.make_blanks(store=clerk.store, count=1, actor=clerk.user, at=timezone.now())
    assert "The printer jammed" in clerk.page("draft", draft.pk)
    for _ in range(2):
        clerk.go_by("use_blank", draft.pk, number=blank.number)
    printed, filled_in = Paper.objects.order_by("pk")
    assert (printed.voided_at is None, printed.blank) == (False, None)
    assert (filled_in.voided_at, filled_in.blank) == (None, blank)
    assert "The group is closed." in clerk.post("confirm_draft", draft.pk)


def test_who_sent_it_before_does_not_approve_what_another_sends_again(
    clerk: Counter, manager: Counter, group: Group
) -> None:
    second = Counter(STORE_MANAGER)
    draft = clerk.printed("name_leader", group.contract, member=group.memberships.get(seat=2).pk)
    clerk.scanned(draft)
    manager.go_by("send_for_approval", draft.pk)
    second.go_by("send_back_draft", draft.pk, reason="The date is missing.")
    clerk.filled(draft, member=group.memberships.get(seat=2).pk)
    clerk.go_by("send_for_approval", draft.pk)
    assert Draft.objects.get().sent_by == clerk.user
    assert "a second person has to approve it" in manager.post("approve_draft", draft.pk)
    second.go_by("approve_draft", draft.pk)
    assert leads(group) == [2]


def test_r26_the_payer_gets_a_letter_when_a_second_person_lets_the_leader_go_on(
    clerk: Counter, manager: Counter, leader: LeaderAssignment
) -> None:
    freezes.number_changed(
        msisdn=leader.member.msisdn, cause=FreezeCause.SIM_SWAPPED, at=timezone.now()
    )
    draft = clerk.printed("unfreeze_leader", leader.group.contract)
    clerk.scanned(draft)
    clerk.go_by("send_for_approval", draft.pk)
    manager.go_by("approve_draft", draft.pk)
    letter = Letter.objects.get()
    assert letter.member == leader.member
    page = manager.page("letters")
    assert f"{letter.paper.reference}<br>" in page
    assert "allowed again after the number changed hands" in page
    assert "In force without a code" in manager.page("day_end")

"""“Ask me first” (R28): which activations wait for the payer, and what their answer does."""

from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from billing.models import BillEntry, Charge
from billing.outcomes import reverse
from groups import membership
from groups.models import Group
from groups.proof import ConfirmInAShop, RecordedCall
from klikon.activation import refusals
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.leader import leadership
from klikon.models import (
    AskAbove,
    Channel,
    LeaderAssignment,
    Outcome,
    RefusedActivation,
    WaitingRequest,
)
from klikon.payer import asking, limits
from superfamilja.accounts.models import User
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from superfamilja.messages.models import OutgoingMessage
from tests.factories import PackageFactory, at, family_with_leader, terms_of_its_own
from tests.klikon.asking.requests import LAST, LATER, NOW, OVER, answer, ask, told, waiting
from tests.proofs import payers_word

pytestmark = pytest.mark.django_db


class TestAsking:
    def test_r28_above_the_amount_it_waits_and_nothing_is_charged(
        self, leader: LeaderAssignment
    ) -> None:
        said = ask(leader)
        assert isinstance(said, WaitingForTheFixedLeader)
        assert not isinstance(said, Exception)
        row = WaitingRequest.objects.get()
        assert (row.charged_lek, row.above_lek, row.expires_at) == (800, 600, OVER)
        assert not BillEntry.objects.exists()
        assert not Charge.objects.exists()
        assert not RefusedActivation.objects.exists()
        assert said.text("en") == (
            "Super 1000 waits for the Fixed Leader, until 06.11.2026 14:05 at the latest, for: "
            f"{row.member.name}. Nothing is charged until the Fixed Leader approves it."
        )

    def test_r28_the_amount_itself_and_less_do_not_wait(self, leader: LeaderAssignment) -> None:
        asking.set_ask_above(
            group=leader.group, above_lek=800, proof=payers_word(leader.group.contract, NOW), at=NOW
        )
        assert ask(leader).charged_lek == 800
        assert ask(leader, "S700", key="2").charged_lek == 500

    def test_r28_zero_asks_before_everything(self, leader: LeaderAssignment) -> None:
        asking.set_ask_above(group=leader.group, above_lek=0, at=NOW)
        assert waiting(leader, package="S700").charged_lek == 500

    @pytest.mark.parametrize("channel", [Channel.IVR, Channel.WEB, Channel.STAFF])
    def test_r28_every_channel_hears_the_same(
        self, leader: LeaderAssignment, channel: Channel
    ) -> None:
        call = RecordedCall(call="C-2026-118")
        assert waiting(leader, channel=channel, proof=call).channel == channel

    def test_r28_what_would_be_refused_is_refused_and_not_asked(
        self, leader: LeaderAssignment
    ) -> None:
        limits.set_limit(group=leader.group, limit_lek=700, at=NOW)
        assert answer(leader, moment=NOW) == "over_the_groups_limit"
        assert not WaitingRequest.objects.exists()

    def test_r25_r28_a_repetition_is_asked_about_before_the_payer_is(
        self, leader: LeaderAssignment
    ) -> None:
        asking.lift_ask_above(
            proof=payers_word(leader.group.contract, NOW), group=leader.group, at=NOW
        )
        ask(leader)
        asking.set_ask_above(group=leader.group, above_lek=600, at=NOW)
        assert answer(leader, key="2") == "repeat_not_confirmed"

    def test_r23_r28_the_payer_is_told_and_nobody_else(self, leader: LeaderAssignment) -> None:
        row = waiting(leader)
        assert told("request_waits") == {
            leader.group.contract.contact_msisdn: f"Klik-ON: {leader.member.name} asks for Super "
            f"1000 for: {row.member.name}, 800 Lekë on your fixed bill. It waits for your approval "
            "until 06.11.2026 14:05. Sign in to Klik-ON to approve or decline it."
        }
        assert OutgoingMessage.objects.get(template="request_waits").expires_at == OVER
        assert not OutgoingMessage.objects.filter(template="activation_receipt").exists()


class TestTheSameKey:
    def test_r21_it_hears_that_it_waits(self, leader: LeaderAssignment) -> None:
        waiting(leader)
        assert answer(leader) == "waiting_for_the_fixed_leader"
        assert (WaitingRequest.objects.count(), len(told("request_waits"))) == (1, 1)

    def test_r21_of_another_client_it_is_another_request(self, leader: LeaderAssignment) -> None:
        waiting(leader)
        waiting(leader, client="another", package="S1200")
        assert WaitingRequest.objects.count() == 2
        waiting(leader)
        assert not RefusedActivation.objects.exists()

    def test_r21_after_the_yes_it_gets_the_activation(self, leader: LeaderAssignment) -> None:
        done = asking.approve(waiting=waiting(leader), at=LATER)
        assert answer(leader) == done.reference
        assert Charge.objects.count() == 1

    def test_r21_after_the_no_it_hears_the_no(self, leader: LeaderAssignment) -> None:
        asking.decline(waiting=waiting(leader), at=LATER)
        assert answer(leader) == "declined_by_the_fixed_leader"

    def test_r21_after_24_hours_it_hears_that_without_any_run(
        self, leader: LeaderAssignment
    ) -> None:
        waiting(leader)
        assert answer(leader, moment=LAST) == "waiting_for_the_fixed_leader"
        assert answer(leader, moment=OVER) == "not_approved_in_time"

    def test_r21_with_other_content_it_is_refused(self, leader: LeaderAssignment) -> None:
        waiting(leader)
        with pytest.raises(refusals.KeyUsedForSomethingElse):
            ask(leader, "S1200")

    def test_r28_the_same_with_a_key_of_its_own_waits_once(self, leader: LeaderAssignment) -> None:
        row = waiting(leader)
        assert answer(leader, key="2") == "waiting_for_the_fixed_leader"
        assert (WaitingRequest.objects.count(), len(told("request_waits"))) == (1, 1)
        done = asking.approve(waiting=row, at=LATER)
        assert answer(leader, key="2") == done.reference

    def test_r28_another_package_waits_beside_it(self, leader: LeaderAssignment) -> None:
        waiting(leader)
        assert waiting(leader, package="S1200", key="2").charged_lek == 1000


class TestTheYes:
    def test_r28_it_is_an_activation_as_it_was_asked_for(self, leader: LeaderAssignment) -> None:
        clerk = User.objects.create(username="clerk")
        call = RecordedCall(call="C-2026-118")
        row = waiting(leader, channel=Channel.STAFF, actor=clerk, reason="called 130", proof=call)
        done = asking.approve(waiting=row, at=LATER)
        row.refresh_from_db()
        assert (row.outcome, row.ended_at, row.activation, row.decided_by) == (
            Outcome.APPROVED,
            LATER,
            done,
            None,
        )
        assert (done.leader, done.channel, done.actor, done.reason, done.key) == (
            leader.member,
            "staff",
            clerk,
            "C-2026-118: called 130",
            "1",
        )
        assert (done.accepted_at, done.charged_lek, done.spent_after) == (LATER, 800, 800)

    def test_r28_the_month_and_the_price_are_those_of_the_yes(
        self, leader: LeaderAssignment
    ) -> None:
        row = waiting(leader, moment=at("2026-11-30 20:00"))
        PackageFactory(
            code="S1000",
            name="Super 1000",
            list_price_lek=1100,
            on_sale_from=at("2026-12-01 00:00").date(),
        )
        done = asking.approve(waiting=row, charged_lek=900, at=at("2026-12-01 09:00"))
        assert (f"{done.month:%Y-%m}", done.charged_lek, row.charged_lek) == ("2026-12", 900, 800)

    @pytest.mark.parametrize("shown", [None, 800])
    def test_r28_a_yes_to_another_price_charges_nothing_and_goes_on_waiting(
        self, leader: LeaderAssignment, shown: int | None
    ) -> None:
        row = waiting(leader)
        terms_of_its_own(leader.group, discount_lek=100)
        with pytest.raises(refusals.PriceChanged) as changed:
            asking.approve(waiting=row, charged_lek=shown, at=LATER)
        assert changed.value.details == {
            "package": "Super 1000",
            "charged_lek": 900,
            "told_lek": 800,
        }
        row.refresh_from_db()
        assert (row.outcome, row.state(LATER), Charge.objects.count()) == (None, None, 0)
        assert answer(leader) == "waiting_for_the_fixed_leader"
        assert asking.approve(waiting=row, charged_lek=900, at=LATER).charged_lek == 900

    def test_control_with_no_price_compared_the_yes_takes_the_new_one(
        self, leader: LeaderAssignment
    ) -> None:
        row = waiting(leader)
        terms_of_its_own(leader.group, discount_lek=100)
        with mock.patch("klikon.activation.rules.require_the_price_that_was_told"):
            assert asking.approve(waiting=row, charged_lek=800, at=LATER).charged_lek == 900

    def test_r26_a_yes_from_a_number_in_doubt_is_given_in_a_shop(
        self, leader: LeaderAssignment
    ) -> None:
        row = waiting(leader)
        with mock.patch("groups.proof.in_doubt", return_value=True), pytest.raises(ConfirmInAShop):
            asking.approve(waiting=row, at=LATER)
        row.refresh_from_db()
        assert (row.outcome, Charge.objects.count()) == (None, 0)
        assert asking.approve(waiting=row, at=LATER).charged_lek == 800

    def test_r23_all_are_told_by_the_receipt_and_nothing_else(
        self, leader: LeaderAssignment
    ) -> None:
        done = asking.approve(waiting=waiting(leader), at=LATER)
        assert set(told("activation_receipt")) == {
            leader.member.msisdn,
            done.member.msisdn,
            leader.group.contract.contact_msisdn,
        }
        about_it = OutgoingMessage.objects.filter(recipient=leader.member.msisdn)
        assert about_it.filter(template__startswith="request").count() == 0

    def test_r28_a_second_yes_gets_the_same_activation(self, leader: LeaderAssignment) -> None:
        row = waiting(leader)
        first = asking.approve(waiting=row, at=LATER)
        assert asking.approve(waiting=row, at=LATER) == first
        assert (Charge.objects.count(), Act.objects.filter(verb="approve_request").count()) == (
            1,
            1,
        )

    def test_r28_every_rule_is_asked_anew_and_its_no_is_the_outcome(
        self, leader: LeaderAssignment
    ) -> None:
        row = waiting(leader)
        limits.set_limit(group=leader.group, limit_lek=700, at=LATER)
        with pytest.raises(refusals.OverTheGroupsLimit):
            asking.approve(waiting=row, at=LATER)
        row.refresh_from_db()
        assert (row.outcome, row.refusal.code) == (Outcome.REFUSED, "over_the_groups_limit")
        assert answer(leader) == "over_the_groups_limit"
        assert list(told("request_refused")) == [leader.member.msisdn]
        assert not Charge.objects.exists()

    def test_r25_r28_what_he_got_meanwhile_is_asked_about_anew(
        self, leader: LeaderAssignment
    ) -> None:
        row = waiting(leader)
        asking.lift_ask_above(
            proof=payers_word(leader.group.contract, NOW), group=leader.group, at=NOW
        )
        ask(leader, key="2", moment=at("2026-11-05 15:00"))
        with pytest.raises(refusals.RepeatNotConfirmed):
            asking.approve(waiting=row, at=LATER)

    def test_r28_a_confirmed_repetition_stays_confirmed(self, leader: LeaderAssignment) -> None:
        asking.lift_ask_above(
            proof=payers_word(leader.group.contract, NOW), group=leader.group, at=NOW
        )
        ask(leader)
        asking.set_ask_above(group=leader.group, above_lek=600, at=NOW)
        row = waiting(leader, key="2", repeat_confirmed=True)
        assert asking.approve(waiting=row, at=LATER).repeat_confirmed

    def test_r28_too_late_is_too_late(self, leader: LeaderAssignment) -> None:
        row = waiting(leader)
        with pytest.raises(refusals.NotApprovedInTime):
            asking.approve(waiting=row, at=OVER)
        row.refresh_from_db()
        assert row.outcome == Outcome.EXPIRED
        assert not Charge.objects.exists()

    def test_r28_after_the_no_there_is_no_yes(self, leader: LeaderAssignment) -> None:
        row = waiting(leader)
        asking.decline(waiting=row, at=LATER)
        with pytest.raises(refusals.DeclinedByTheFixedLeader):
            asking.approve(waiting=row, at=LATER)

    def test_r13_r28_reversed_afterwards_the_key_still_gives_it(
        self, leader: LeaderAssignment
    ) -> None:
        done = asking.approve(waiting=waiting(leader), at=LATER)
        reverse(reference=done.reference, at=LATER, reason="not delivered")
        assert answer(leader) == done.reference


class TestTheNo:
    def test_r28_the_leader_is_told_once(self, leader: LeaderAssignment) -> None:
        row = waiting(leader)
        for _ in range(2):
            assert asking.decline(waiting=row, at=LATER).outcome == Outcome.DECLINED
        assert told("request_declined") == {
            leader.member.msisdn: "Klik-ON: the Fixed Leader did not approve: Super 1000 for: "
            f"{row.member.name}. Nothing was charged."
        }
        assert Act.objects.filter(verb="decline_request").count() == 1

    def test_r28_after_the_yes_there_is_no_no(self, leader: LeaderAssignment) -> None:
        row = waiting(leader)
        asking.approve(waiting=row, at=LATER)
        with pytest.raises(asking.NotWaiting):
            asking.decline(waiting=row, at=LATER)

    def test_r28_the_same_can_be_asked_again(self, leader: LeaderAssignment) -> None:
        asking.decline(waiting=waiting(leader), at=LATER)
        assert waiting(leader, key="2", moment=LATER).state(LATER) is None


class TestTime:
    def test_r28_who_was_not_answered_is_told_once(self, leader: LeaderAssignment) -> None:
        row = waiting(leader)
        assert asking.record_what_time_has_ended(LAST) == 0
        assert asking.record_what_time_has_ended(OVER) == 1
        assert asking.record_what_time_has_ended(OVER) == 0
        row.refresh_from_db()
        assert (row.outcome, row.ended_at) == (Outcome.EXPIRED, OVER)
        assert list(told("request_expired")) == [leader.member.msisdn]

    def test_r28_what_was_cancelled_is_written_down_and_told_nobody(
        self, leader: LeaderAssignment
    ) -> None:
        row = waiting(leader)
        leadership.revoke(assignment=leader, at=LATER)
        assert asking.record_what_time_has_ended(OVER) == 1
        row.refresh_from_db()
        assert row.outcome == Outcome.CANCELLED
        assert not told("request_expired")


class TestTheAmount:
    @pytest.fixture
    def group(self) -> Group:
        return family_with_leader()[0]

    def test_r28_a_changed_amount_ends_the_one_before_and_both_stay(self, group: Group) -> None:
        clerk = User.objects.create(username="clerk")
        asking.set_ask_above(group=group, above_lek=600, at=NOW)
        asking.set_ask_above(group=group, above_lek=0, at=LATER, actor=clerk, reason="asked")
        first, second = AskAbove.objects.order_by("pk")
        assert (first.above_lek, first.ended_at, second.above_lek, second.set_by) == (
            600,
            LATER,
            0,
            clerk,
        )

    def test_r28_the_same_amount_again_changes_nothing(self, group: Group) -> None:
        first = asking.set_ask_above(group=group, above_lek=600, at=NOW)
        assert asking.set_ask_above(group=group, above_lek=600, at=LATER) == first
        assert Act.objects.filter(verb="set_ask_above").count() == 1

    def test_r28_an_amount_that_nothing_reaches_is_refused(self, group: Group) -> None:
        with pytest.raises(asking.NothingToAsk) as refused:
            asking.set_ask_above(group=group, above_lek=6500, at=NOW)
        assert "the monthly cap is 6.500 Lekë" in refused.value.text("en")

    def test_r28_what_does_not_stand_cannot_be_lifted(self, group: Group) -> None:
        with pytest.raises(asking.NotAskedFirst):
            asking.lift_ask_above(proof=payers_word(group.contract, NOW), group=group, at=NOW)

    def test_r28_a_closed_group_asks_nothing(self, group: Group) -> None:
        membership.close_group(group=group, at=NOW)
        with pytest.raises(membership.GroupClosed):
            asking.set_ask_above(group=group, above_lek=600, at=NOW)

    def test_staff_say_why(self, group: Group) -> None:
        with pytest.raises(ReasonMissing):
            asking.set_ask_above(
                group=group, above_lek=600, at=NOW, actor=User.objects.create(username="clerk")
            )


class TestTheDatabase:
    @pytest.mark.parametrize(
        "change",
        [
            {"outcome": "approved", "ended_at": LATER},
            {"outcome": "refused", "ended_at": LATER},
            {"outcome": "declined"},
            {"ended_at": LATER},
            {"outcome": "maybe", "ended_at": LATER},
            {"refusal_id": 1},
        ],
    )
    def test_r28_an_outcome_is_whole(
        self, leader: LeaderAssignment, change: dict[str, Any]
    ) -> None:
        row = waiting(leader)
        with pytest.raises(IntegrityError), transaction.atomic():
            WaitingRequest.objects.filter(pk=row.pk).update(**change)

    @pytest.mark.parametrize("change", [{"outcome": "expired"}, {"charged_lek": 700}])
    def test_r28_an_outcome_stands_and_so_does_the_question(
        self, leader: LeaderAssignment, change: dict[str, Any]
    ) -> None:
        row = asking.decline(waiting=waiting(leader), at=LATER)
        with pytest.raises(DatabaseError), transaction.atomic():
            WaitingRequest.objects.filter(pk=row.pk).update(**change)

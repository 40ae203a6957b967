"""Test activation rule by rule, beside the worked examples."""

from datetime import date, datetime
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from billing.models import BillEntry, BillMonth, Charge
from billing.month.closing import cancel_close, close_month
from groups import membership
from groups.models import Contract, ContractStatus, TermsBinding, TermsVersion
from groups.proof import CallIdMissing, RecordedCall
from klikon.activation import refusals
from klikon.activation.activate import activate
from klikon.leader import leadership
from klikon.models import (
    Activation,
    Channel,
    LeaderAssignment,
    LeaderFreeze,
    Package,
    RefusedActivation,
)
from superfamilja.accounts.models import User
from superfamilja.audit.acts import ReasonMissing
from tests.factories import PackageFactory, at, family_with_leader
from tests.proofs import payers_word

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")


@pytest.fixture
def leader() -> LeaderAssignment:
    return family_with_leader()[1]


def ask(by: LeaderAssignment, **other: Any) -> Activation:
    request: dict[str, Any] = {
        "leader": by.member.msisdn,
        "member": by.member.msisdn,
        "package": "S700",
        "at": NOW,
        "channel": Channel.IVR,
        "client": "test",
        "key": "1",
        "repeat_confirmed": True,
    }
    return activate(**{**request, **other})


def test_r1_r2_a_number_outside_every_group_is_refused(leader: LeaderAssignment) -> None:
    with pytest.raises(refusals.NotTheLeader):
        ask(leader, leader="+355670009999")


def test_r2_a_member_who_is_not_the_leader_is_refused(leader: LeaderAssignment) -> None:
    other = leader.group.memberships.get(seat=2)
    with pytest.raises(refusals.NotTheLeader):
        ask(leader, leader=other.msisdn)


def test_r6_at_another_price_than_the_one_that_was_told_nothing_is_charged(
    leader: LeaderAssignment,
) -> None:
    with pytest.raises(refusals.PriceChanged) as told:
        ask(leader, charged_lek=650)
    assert told.value.text("en") == (
        "The price of Super 700 has changed: with Klik-ON it costs 500 Lekë now, and not 650 Lekë. "
        "Nothing was charged."
    )
    assert not Charge.objects.exists()
    with pytest.raises(refusals.PriceChanged):  # R21: the same key gets the same answer
        ask(leader, charged_lek=500)
    assert ask(leader, charged_lek=500, key="2").charged_lek == 500


def test_r2_the_leader_activates_for_another_member(leader: LeaderAssignment) -> None:
    other = leader.group.memberships.get(seat=2)
    activation = ask(leader, member=other.msisdn)
    assert (activation.leader_id, activation.member_id) == (leader.member_id, other.pk)


def test_r2_nobody_outside_the_group_receives_anything(leader: LeaderAssignment) -> None:
    stranger = family_with_leader()[1]
    with pytest.raises(refusals.NotInTheGroup):
        ask(leader, member=stranger.member.msisdn)


def test_r2_staff_without_a_reason_do_nothing(leader: LeaderAssignment) -> None:
    with pytest.raises(ReasonMissing):
        ask(leader, channel=Channel.STAFF, actor=User.objects.create(username="a"), reason=" ")
    assert RefusedActivation.objects.count() == 0


def test_r2_staff_act_on_the_leaders_behalf_and_are_named(leader: LeaderAssignment) -> None:
    actor = User.objects.create(username="a")
    call = RecordedCall(call="C-2026-118")
    activation = ask(leader, channel=Channel.STAFF, actor=actor, reason="Called 130", proof=call)
    assert (activation.actor, activation.reason, activation.leader_id) == (
        actor,
        "C-2026-118: Called 130",
        leader.member_id,
    )


@pytest.mark.parametrize("call", [None, "", "12345", "abcdefgh", "C 2026 118"])
def test_r30_staff_without_the_id_of_a_recorded_call_do_nothing(
    leader: LeaderAssignment, call: str | None
) -> None:
    proof = None if call is None else RecordedCall(call=call)
    with pytest.raises(CallIdMissing):
        ask(
            leader,
            channel=Channel.STAFF,
            actor=User.objects.create(username="a"),
            reason="Called 130",
            proof=proof,
        )
    assert (Activation.objects.count(), RefusedActivation.objects.count()) == (0, 0)


def test_r4_a_leader_who_left_the_group_is_refused(leader: LeaderAssignment) -> None:
    msisdn = leader.member.msisdn
    membership.remove_member(membership=leader.member, at=NOW)
    with pytest.raises(refusals.NotTheLeader):
        ask(leader, leader=msisdn)


def test_r4_rejoining_does_not_revive_the_leadership(leader: LeaderAssignment) -> None:
    membership.remove_member(membership=leader.member, at=NOW)
    membership.add_member(
        group=leader.group,
        msisdn=leader.member.msisdn,
        name="Elira",
        plan="standard_prepaid",
        at=NOW,
    )
    with pytest.raises(refusals.NotTheLeader):
        ask(leader)


def test_r4_a_frozen_leader_is_refused(leader: LeaderAssignment) -> None:
    LeaderFreeze.objects.create(assignment=leader, frozen_at=NOW, reason="SIM swapped")
    with pytest.raises(refusals.LeaderFrozen):
        ask(leader)


def test_r4_a_new_declaration_ends_the_one_before(leader: LeaderAssignment) -> None:
    other = leader.group.memberships.get(seat=2)
    leadership.assign(
        proof=payers_word(other.group.contract, NOW),
        member=other,
        channel=Channel.STORE,
        signatory_name="Drita Dardha",
        evidence="form 2",
        at=NOW,
    )
    with pytest.raises(refusals.NotTheLeader):
        ask(leader)
    assert ask(leader, leader=other.msisdn, key="2").charged_lek == 500


def test_r5_a_package_off_sale_is_refused(leader: LeaderAssignment) -> None:
    PackageFactory(code="S900", list_price_lek=900, on_sale_until=date(2026, 11, 5))
    with pytest.raises(refusals.NotAKlikOnPackage):
        ask(leader, package="S900")


def test_r5_the_price_is_that_of_the_day(leader: LeaderAssignment) -> None:
    PackageFactory(code="S1000", list_price_lek=1100, on_sale_from=date(2026, 11, 6))
    assert ask(leader, package="S1000").list_price_lek == 1000
    tomorrow = ask(leader, package="S1000", at=at("2026-11-06 00:00"), key="2")
    assert (tomorrow.list_price_lek, tomorrow.charged_lek) == (1100, 900)


def test_r5_a_package_of_another_family_is_refused(leader: LeaderAssignment) -> None:
    PackageFactory(code="T900", family="tourist", list_price_lek=900)
    with pytest.raises(refusals.NotAKlikOnPackage):
        ask(leader, package="T900")


def test_r7_it_is_the_package_of_the_shop_ordered_at_once(leader: LeaderAssignment) -> None:
    activation = ask(leader, package="S1000")
    assert activation.package == Package.objects.get(code="S1000")
    job = ProcrastinateJob.objects.get()
    assert (job.scheduled_at, job.args) == (None, {"reference": activation.reference})


def test_r10_the_cap_counts_what_is_charged_and_not_the_price_in_the_shop(
    leader: LeaderAssignment,
) -> None:
    for key in range(13):
        last = ask(leader, key=f"fill-{key}")  # 9.100 in the shop
    assert (last.spent_after, last.room_left) == (6500, 0)


def test_r14_a_months_activations_are_one_entry_and_each_stays_visible(
    leader: LeaderAssignment,
) -> None:
    ask(leader, package="S700", key="1")
    ask(leader, package="S1000", key="2")
    entry = BillEntry.objects.get()
    assert entry.total_lek == 1300
    assert list(entry.charges.order_by("pk").values_list("text", "amount_lek")) == [
        (f"Super 700: {leader.member.name}", 500),
        (f"Super 1000: {leader.member.name}", 800),
    ]


def test_r15_who_leaves_and_a_group_that_closes_still_pay(leader: LeaderAssignment) -> None:
    other = leader.group.memberships.get(seat=2)
    ask(leader, member=other.msisdn)
    membership.remove_member(membership=other, at=NOW)
    membership.close_group(group=leader.group, at=NOW)
    assert (BillEntry.objects.get().total_lek, Charge.objects.get().state) == (500, "held")


@pytest.mark.parametrize("status", [ContractStatus.SUSPENDED, ContractStatus.ENDED])
def test_r16_a_suspended_contract_spends_nothing(leader: LeaderAssignment, status: str) -> None:
    Contract.objects.filter(pk=leader.group.contract_id).update(status=status)
    with pytest.raises(refusals.ContractSuspended):
        ask(leader)


def new_terms(leader: LeaderAssignment, binds_from: datetime, **changes: Any) -> TermsVersion:
    values = TermsVersion.objects.values().get(number=1)
    terms = TermsVersion.objects.create(
        **{**values, "id": None, "number": 2, "published_at": at("2026-10-01 00:00"), **changes}
    )
    TermsBinding.objects.create(group=leader.group, terms=terms, binds_from=binds_from)
    return terms


def test_r19_a_channel_that_the_terms_leave_out_is_refused(leader: LeaderAssignment) -> None:
    new_terms(leader, NOW, channels=["web"])
    with pytest.raises(refusals.ChannelNotAllowed):
        ask(leader)


def test_r18_r19_the_terms_that_bind_the_group_at_that_moment_count(
    leader: LeaderAssignment,
) -> None:
    terms = new_terms(leader, at("2026-11-10 00:00"), discount_lek=300)
    before = ask(leader, at=at("2026-11-09 23:59"), key="1")
    after = ask(leader, at=at("2026-11-10 00:00"), key="2")
    assert (before.charged_lek, before.terms_id == terms.pk) == (500, False)
    assert (after.charged_lek, after.terms_id == terms.pk) == (400, True)


def test_e12_a_lowered_cap_takes_nothing_back_and_refuses_more(leader: LeaderAssignment) -> None:
    for key in range(11):
        ask(leader, key=f"before-{key}")
    new_terms(leader, at("2026-11-10 00:00"), cap_lek=5000)
    with pytest.raises(refusals.OverTheCap) as refused:
        ask(leader, at=at("2026-11-10 08:00"), key="after")
    assert (refused.value.details["room_lek"], refused.value.still_fits) == (0, [])
    assert BillEntry.objects.get().spent == 5500


def test_e13_r12_the_cap_follows_the_contract(leader: LeaderAssignment) -> None:
    ask(leader, package="S700", key="1")
    ask(leader, package="S1000", key="2")  # 500 + 800 = 1300
    contract = leader.group.contract
    membership.close_group(group=leader.group, at=at("2026-11-12 10:00"))
    group = membership.open_group(contract=contract, at=at("2026-11-20 10:00"))
    member = membership.add_member(
        group=group,
        msisdn="+355670000777",
        name="Mira",
        plan="super_riniring",
        at=at("2026-11-20 10:05"),
    )
    again = leadership.assign(
        proof=payers_word(member.group.contract, at("2026-11-20 10:10")),
        member=member,
        channel=Channel.STORE,
        signatory_name="Drita Dardha",
        evidence="form 3",
        at=at("2026-11-20 10:10"),
    )
    first = ask(again, at=at("2026-11-20 11:00"), key="3")
    assert (first.spent_after, first.room_left) == (1800, 4700)  # 5,200 of room before it


def test_r13_nothing_posts_to_a_closed_month_and_it_is_accepted_anew(
    leader: LeaderAssignment,
) -> None:
    BillMonth.objects.create(month=date(2026, 10, 1), closed_at=NOW)
    late = ask(leader, at=at("2026-10-31 23:59"))
    assert late.month != date(2026, 10, 1)
    assert not Charge.objects.filter(month=date(2026, 10, 1)).exists()


def test_r11_r13_a_full_month_that_has_closed_does_not_speak_for_the_one_that_is_open(
    leader: LeaderAssignment,
) -> None:
    october = at("2026-10-31 23:58")
    for key in range(13):
        ask(leader, at=october, key=f"fill-{key}")
    BillMonth.objects.create(month=date(2026, 10, 1), closed_at=NOW)
    late = ask(leader, at=at("2026-10-31 23:59"), key="late")
    assert (late.month != date(2026, 10, 1), late.spent_after) == (True, 500)


def test_r13_a_month_whose_close_was_cancelled_takes_charges_again(
    leader: LeaderAssignment,
) -> None:
    october, clerk = date(2026, 10, 1), User.objects.create(username="clerk")
    close_month(month=october, at=NOW, actor=clerk)
    cancel_close(month=october, at=NOW, actor=clerk, reason="too early")
    assert ask(leader, at=at("2026-10-31 23:59")).month == october


class TestR21:
    def test_the_same_request_gives_the_first_answer_and_charges_once(
        self, leader: LeaderAssignment
    ) -> None:
        assert ask(leader).reference == ask(leader).reference
        assert BillEntry.objects.get().spent == 500

    def test_a_refusal_is_repeated_although_it_would_be_accepted_now(
        self, leader: LeaderAssignment
    ) -> None:
        Contract.objects.update(status=ContractStatus.SUSPENDED)
        with pytest.raises(refusals.ContractSuspended):
            ask(leader)
        Contract.objects.update(status=ContractStatus.ACTIVE)
        with pytest.raises(refusals.ContractSuspended):
            ask(leader)
        assert ask(leader, key="2").charged_lek == 500

    def test_a_repeated_refusal_says_the_same_words(self, leader: LeaderAssignment) -> None:
        for key in range(13):
            ask(leader, key=f"fill-{key}")
        words = set()
        for _ in range(2):
            with pytest.raises(refusals.OverTheCap) as refused:
                ask(leader, key="over")
            words.add(refused.value.text("en"))
        assert words == {
            "This needs 500 Lekë, but only 0 Lekë of 6.500 Lekë are left this month. "
            "Nothing more fits until next month."
        }

    def test_the_same_key_for_something_else_is_refused(self, leader: LeaderAssignment) -> None:
        ask(leader)
        with pytest.raises(refusals.KeyUsedForSomethingElse):
            ask(leader, package="S1000")
        assert BillEntry.objects.get().spent == 500

    def test_two_clients_may_use_the_same_key(self, leader: LeaderAssignment) -> None:
        ask(leader)
        assert ask(leader, client="another").spent_after == 1000


def test_the_order_to_the_charging_system_is_written_with_the_fact(
    leader: LeaderAssignment,
) -> None:
    activation = ask(leader)
    job = ProcrastinateJob.objects.get()
    assert (job.queue_name, job.task_name, job.args) == (
        "provisioning",
        "klikon.provisioning.deliver",
        {"reference": activation.reference},
    )


def test_a_refusal_orders_nothing(leader: LeaderAssignment) -> None:
    with pytest.raises(refusals.NotAKlikOnPackage):
        ask(leader, package="S400")
    assert ProcrastinateJob.objects.count() == 0
    assert RefusedActivation.objects.get().code == "not_a_klik_on_package"

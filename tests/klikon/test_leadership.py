"""Who leads: Declarations, stops and their end (R3, R4, R26)."""

from datetime import datetime

import pytest
from django.db import IntegrityError, transaction

from groups import membership
from groups.proof import ProofMissing
from klikon.activation.activate import activate
from klikon.activation.refusals import LeaderFrozen, NotTheLeader
from klikon.leader import freezes, leadership
from klikon.leader.refusals import (
    AlreadyFrozen,
    AlreadyTheLeader,
    NoLeader,
    NotFrozen,
    SignatoryMissing,
)
from klikon.models import (
    Channel,
    Declaration,
    DeclarationChannel,
    FreezeCause,
    LeaderAssignment,
    LeaderFreeze,
)
from superfamilja.accounts.models import User
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from superfamilja.customers.models import Account
from superfamilja.values import phone
from tests.factories import MembershipFactory, assign, at, family, family_with_leader
from tests.proofs import payers_word

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")
LATER = at("2026-11-05 14:30")
EARLIER = at("2026-11-05 14:00")
FORM_2 = {"channel": DeclarationChannel.STORE, "signatory_name": "Drita Dardha", "evidence": "2"}


@pytest.fixture
def leader() -> LeaderAssignment:
    return family_with_leader()[1]


def in_force(leader: LeaderAssignment) -> bool:
    return LeaderAssignment.objects.in_force().filter(pk=leader.pk).exists()


def buy(leader: LeaderAssignment, key: str = "1") -> None:
    activate(
        leader=leader.member.msisdn,
        member=leader.member.msisdn,
        package="S700",
        at=NOW,
        channel=Channel.IVR,
        client="test",
        key=key,
    )


def swapped(leader: LeaderAssignment, when: datetime = NOW) -> LeaderFreeze:
    """The CRM tells that the leader's SIM card was changed."""
    frozen = freezes.number_changed(
        msisdn=leader.member.msisdn, cause=FreezeCause.SIM_SWAPPED, at=when
    )
    assert frozen
    return frozen


class TestDeclaration:
    def test_r3_it_keeps_channel_signatory_member_who_when_and_evidence(self) -> None:
        clerk = User.objects.create(username="clerk")
        member = family().memberships.get(seat=2)
        leadership.assign(
            proof=payers_word(member.group.contract, NOW),
            member=member,
            at=NOW,
            actor=clerk,
            reason="came in",
            **FORM_2,
        )
        declaration = Declaration.objects.get()
        assert (declaration.channel, declaration.signatory_name, declaration.evidence) == (
            "store",
            "Drita Dardha",
            "2",
        )
        assert (declaration.member, declaration.recorded_by, declaration.declared_at) == (
            member,
            clerk,
            NOW,
        )

    def test_r30_without_more_the_proof_is_the_evidence(self) -> None:
        member = family().memberships.get(seat=2)
        word = payers_word(member.group.contract, NOW)
        store = {"channel": DeclarationChannel.STORE, "signatory_name": "Drita Dardha"}
        made = leadership.assign(proof=word, member=member, at=NOW, **store)
        number = phone.masked(member.group.contract.contact_msisdn)
        assert made.declaration.evidence == f"kod me SMS te {number}"

    def test_r3_without_signatory_it_is_none(self) -> None:
        member = family().memberships.get(seat=1)
        with pytest.raises(SignatoryMissing):
            leadership.assign(
                proof=payers_word(member.group.contract, NOW),
                member=member,
                at=NOW,
                **{**FORM_2, "signatory_name": " "},
            )
        assert not Declaration.objects.exists()

    def test_r3_the_database_knows_a_store_and_online_alone(self) -> None:
        member = family().memberships.get(seat=1)
        with pytest.raises(IntegrityError, match="declaration_in_a_store_or_online"):
            leadership.assign(
                proof=payers_word(member.group.contract, NOW),
                member=member,
                at=NOW,
                **{**FORM_2, "channel": Channel.IVR},
            )

    def test_r4_a_member_who_left_cannot_be_named(self) -> None:
        member = family().memberships.get(seat=1)
        membership.remove_member(membership=member, at=NOW)
        with pytest.raises(membership.NotAMember):
            leadership.assign(
                proof=payers_word(member.group.contract, NOW), member=member, at=NOW, **FORM_2
            )

    def test_r4_the_leader_in_force_is_not_named_again(self, leader: LeaderAssignment) -> None:
        with pytest.raises(AlreadyTheLeader):
            leadership.assign(
                proof=payers_word(leader.member.group.contract, NOW),
                member=leader.member,
                at=NOW,
                **FORM_2,
            )

    def test_r4_the_one_before_stays_in_the_history(self, leader: LeaderAssignment) -> None:
        other = leader.group.memberships.get(seat=2)
        leadership.assign(
            proof=payers_word(other.group.contract, NOW), member=other, at=NOW, **FORM_2
        )
        leader.refresh_from_db()
        assert (leader.ended_at, leader.ended_reason) == (NOW, "replaced by a new Declaration")
        assert LeaderAssignment.objects.filter(group=leader.group).count() == 2


class TestRevoke:
    def test_r4_nobody_leads_any_more(self, leader: LeaderAssignment) -> None:
        leadership.revoke(assignment=leader, at=NOW)
        leader.refresh_from_db()
        assert (leader.ended_at, leader.ended_reason) == (NOW, "revoked by the Fixed Leader")
        with pytest.raises(NotTheLeader):
            buy(leader)

    def test_r4_what_is_revoked_cannot_be_revoked_again(self, leader: LeaderAssignment) -> None:
        leadership.revoke(assignment=leader, at=NOW)
        with pytest.raises(NoLeader):
            leadership.revoke(assignment=leader, at=LATER)
        leader.refresh_from_db()
        assert leader.ended_at == NOW

    def test_r4_the_page_of_a_former_leader_does_nothing_to_the_new_one(
        self, leader: LeaderAssignment
    ) -> None:
        new = leadership.assign(
            proof=payers_word(leader.group.memberships.get(seat=2).group.contract, NOW),
            member=leader.group.memberships.get(seat=2),
            at=NOW,
            **FORM_2,
        )
        for act in (leadership.revoke, freezes.freeze):
            with pytest.raises(NoLeader):
                act(assignment=leader, at=LATER)
        with pytest.raises(NoLeader):
            freezes.unfreeze(assignment=leader, proof=None, at=LATER)
        assert in_force(new)

    def test_r4_a_member_who_left_leads_no_more_and_cannot_be_revoked(
        self, leader: LeaderAssignment
    ) -> None:
        membership.remove_member(membership=leader.member, at=NOW)
        with pytest.raises(NoLeader):
            leadership.revoke(assignment=leader, at=LATER)

    def test_r4_a_new_declaration_may_name_him_again(self, leader: LeaderAssignment) -> None:
        leadership.revoke(assignment=leader, at=NOW)
        again = leadership.assign(
            proof=payers_word(leader.member.group.contract, LATER),
            member=leader.member,
            at=LATER,
            **FORM_2,
        )
        assert (in_force(leader), in_force(again)) == (False, True)

    def test_staff_say_why(self, leader: LeaderAssignment) -> None:
        with pytest.raises(ReasonMissing):
            leadership.revoke(assignment=leader, at=NOW, actor=User(), reason=" ")
        assert in_force(leader)


class TestFreeze:
    def test_r4_a_frozen_leader_is_refused_until_he_is_allowed_again(
        self, leader: LeaderAssignment
    ) -> None:
        freezes.freeze(assignment=leader, at=EARLIER)
        with pytest.raises(LeaderFrozen):
            buy(leader)
        freezes.unfreeze(proof=payers_word(leader.group.contract, NOW), assignment=leader, at=NOW)
        buy(leader, key="2")

    def test_r4_both_are_refused_when_repeated(self, leader: LeaderAssignment) -> None:
        with pytest.raises(NotFrozen):
            freezes.unfreeze(
                proof=payers_word(leader.group.contract, NOW), assignment=leader, at=NOW
            )
        freezes.freeze(assignment=leader, at=NOW)
        with pytest.raises(AlreadyFrozen):
            freezes.freeze(assignment=leader, at=LATER)
        assert leader.freezes.count() == 1

    def test_r4_each_stop_stays_in_the_history_with_who_and_why(
        self, leader: LeaderAssignment
    ) -> None:
        agent = User.objects.create(username="agent")
        freezes.freeze(assignment=leader, at=EARLIER, actor=agent, reason="lost his mobile")
        freezes.unfreeze(
            proof=payers_word(leader.group.contract, NOW),
            assignment=leader,
            at=NOW,
            actor=agent,
            reason="found it",
        )
        freezes.freeze(assignment=leader, at=LATER)
        first, second = leader.freezes.order_by("frozen_at")
        assert (first.reason, first.frozen_by, first.ended_at, first.ended_by) == (
            "lost his mobile",
            agent,
            NOW,
            agent,
        )
        assert (second.frozen_at, second.ended_at) == (LATER, None)

    @pytest.mark.parametrize("ends", ["revoke", "assign"])
    def test_r4_a_freeze_survives_nothing(self, leader: LeaderAssignment, ends: str) -> None:
        freezes.freeze(assignment=leader, at=EARLIER)
        if ends == "revoke":
            leadership.revoke(assignment=leader, at=NOW)
        else:
            leadership.assign(
                proof=payers_word(leader.member.group.contract, NOW),
                member=leader.member,
                at=NOW,
                **FORM_2,
            )
        assert leader.freezes.get().ended_at == NOW

    def test_r4_a_new_declaration_for_the_same_member_is_in_force_at_once(
        self, leader: LeaderAssignment
    ) -> None:
        freezes.freeze(assignment=leader, at=EARLIER)
        again = leadership.assign(
            proof=payers_word(leader.member.group.contract, NOW),
            member=leader.member,
            at=NOW,
            **FORM_2,
        )
        assert in_force(again)
        assert leader.freezes.get().ended_evidence == again.declaration.reference


class TestNumberChanged:
    @pytest.mark.parametrize("cause", ["ported", "reassigned", "sim_swapped"])
    def test_r26_the_leader_is_stopped(self, leader: LeaderAssignment, cause: str) -> None:
        freezes.number_changed(msisdn=leader.member.msisdn, cause=FreezeCause(cause), at=EARLIER)
        assert leader.freezes.get().cause == cause
        with pytest.raises(LeaderFrozen):
            buy(leader)

    def test_r26_told_twice_is_told_once(self, leader: LeaderAssignment) -> None:
        assert swapped(leader) == swapped(leader) == swapped(leader, LATER)
        assert leader.freezes.count() == 1
        assert Act.objects.filter(verb="number_changed").count() == 1

    def test_r26_the_same_word_told_again_does_not_undo_the_confirmation(
        self, leader: LeaderAssignment
    ) -> None:
        swapped(leader)
        freezes.unfreeze(
            proof=payers_word(leader.group.contract, LATER),
            assignment=leader,
            at=LATER,
            evidence="came with his ID card",
        )
        swapped(leader)
        assert in_force(leader)

    def test_r26_an_event_keeps_its_moment_though_the_stop_began_later(
        self, leader: LeaderAssignment
    ) -> None:
        freezes.freeze(assignment=leader, at=NOW)
        said = payers_word(leader.group.contract, NOW)
        freezes.unfreeze(assignment=leader, proof=said, at=NOW)
        assert swapped(leader, EARLIER).frozen_at == NOW
        said = payers_word(leader.group.contract, LATER)
        freezes.unfreeze(assignment=leader, proof=said, at=LATER, evidence="came in person")
        swapped(leader, EARLIER)
        assert in_force(leader)

    def test_r26_a_repeated_event_does_not_stop_who_was_named_anew_since(
        self, leader: LeaderAssignment
    ) -> None:
        swapped(leader, EARLIER)
        said = payers_word(leader.group.contract, NOW)
        again = leadership.assign(member=leader.member, proof=said, at=NOW, **FORM_2)
        swapped(leader, EARLIER)
        assert in_force(again)

    def test_r26_an_event_told_while_another_one_stops_him_is_known_as_well(
        self, leader: LeaderAssignment
    ) -> None:
        assert swapped(leader, EARLIER) == swapped(leader, NOW)
        said = payers_word(leader.group.contract, LATER)
        freezes.unfreeze(assignment=leader, proof=said, at=LATER, evidence="came in person")
        swapped(leader, NOW)
        assert in_force(leader)

    def test_r26_an_event_that_stopped_nobody_stops_nobody_when_it_is_repeated(
        self, leader: LeaderAssignment
    ) -> None:
        other = leader.group.memberships.get(seat=2)
        event = {"msisdn": other.msisdn, "cause": FreezeCause.SIM_SWAPPED, "changed_at": EARLIER}
        assert freezes.number_changed(at=EARLIER, **event) is None
        said = payers_word(leader.group.contract, NOW)
        named = leadership.assign(member=other, proof=said, at=NOW, **FORM_2)
        assert freezes.number_changed(at=LATER, **event) is None
        assert in_force(named)

    def test_r26_the_moment_that_the_crm_gives_is_the_event_whenever_it_is_told(
        self, leader: LeaderAssignment
    ) -> None:
        event = {"msisdn": leader.member.msisdn, "cause": FreezeCause.PORTED, "changed_at": EARLIER}
        frozen = freezes.number_changed(at=NOW, **event)
        said = payers_word(leader.group.contract, NOW)
        freezes.unfreeze(assignment=leader, proof=said, at=NOW, evidence="came in person")
        assert freezes.number_changed(at=LATER, **event) == frozen
        assert in_force(leader)

    def test_r26_a_repeated_event_ends_no_session(self, leader: LeaderAssignment) -> None:
        msisdn = leader.member.msisdn
        account = Account.objects.create(msisdn=msisdn, made_at=EARLIER)
        swapped(leader)
        swapped(leader)
        account.refresh_from_db()
        assert account.sign_outs == 1

    def test_r26_a_later_change_stops_anew(self, leader: LeaderAssignment) -> None:
        swapped(leader, EARLIER)
        freezes.unfreeze(
            proof=payers_word(leader.group.contract, NOW),
            assignment=leader,
            at=NOW,
            evidence="came with his ID card",
        )
        swapped(leader, LATER)
        assert not in_force(leader)

    @pytest.mark.parametrize("number", ["member", "stranger", "former"])
    def test_r26_a_number_that_leads_nothing_changes_nothing(
        self, leader: LeaderAssignment, number: str
    ) -> None:
        msisdn = "+355670009999"
        if number == "member":
            msisdn = leader.group.memberships.get(seat=2).msisdn
        if number == "former":
            leadership.revoke(assignment=leader, at=EARLIER)
            msisdn = leader.member.msisdn
        told = freezes.number_changed(msisdn=msisdn, cause=FreezeCause.PORTED, at=NOW)
        assert told is None
        assert not LeaderFreeze.objects.exists()

    def test_r26_only_his_own_word_ends_it(self, leader: LeaderAssignment) -> None:
        swapped(leader)
        with pytest.raises(ProofMissing):
            freezes.unfreeze(
                proof=None, assignment=leader, at=LATER, evidence="came with his ID card"
            )
        assert not in_force(leader)
        freezes.unfreeze(
            proof=payers_word(leader.group.contract, LATER),
            assignment=leader,
            at=LATER,
            evidence="came with his ID card",
        )
        assert in_force(leader)
        assert leader.freezes.get().ended_evidence == "came with his ID card"

    def test_r26_it_takes_the_place_of_a_stop_that_he_had_asked_for(
        self, leader: LeaderAssignment
    ) -> None:
        freezes.freeze(assignment=leader, at=EARLIER)
        swapped(leader)
        with pytest.raises(ProofMissing):
            freezes.unfreeze(proof=None, assignment=leader, at=LATER)
        asked_for, told = leader.freezes.order_by("pk")
        assert (asked_for.ended_at, asked_for.ended_evidence) == (
            NOW,
            "a newer stop took its place",
        )
        assert told.ended_at is None

    def test_r26_the_database_too_demands_the_evidence(self, leader: LeaderAssignment) -> None:
        frozen = swapped(leader)
        with (
            pytest.raises(IntegrityError, match="freeze_by_the_crm_ends_by_evidence"),
            transaction.atomic(),
        ):
            LeaderFreeze.objects.filter(pk=frozen.pk).update(ended_at=LATER)

    def test_a_cause_that_is_not_the_crms_is_a_mistake_of_the_caller(
        self, leader: LeaderAssignment
    ) -> None:
        with pytest.raises(ValueError, match="Fixed Leader"):
            freezes.number_changed(
                msisdn=leader.member.msisdn, cause=FreezeCause.FIXED_LEADER, at=NOW
            )


def test_every_act_is_recorded_with_who_and_why() -> None:
    leader = assign(MembershipFactory())
    clerk = User.objects.create(username="clerk")
    said = {"actor": clerk, "reason": "he asked"}
    freezes.freeze(assignment=leader, at=NOW, **said)
    freezes.unfreeze(
        proof=payers_word(leader.group.contract, NOW), assignment=leader, at=NOW, **said
    )
    freezes.number_changed(msisdn=leader.member.msisdn, cause=FreezeCause.PORTED, at=NOW, **said)
    leadership.revoke(assignment=leader, at=NOW, **said)
    acts = Act.objects.filter(actor=clerk, contract_number=leader.group.contract.number)
    assert list(acts.order_by("pk").values_list("verb", "reason")) == [
        ("freeze_leader", "he asked"),
        ("unfreeze_leader", "he asked"),
        ("number_changed", "he asked"),
        ("revoke_leader", "he asked"),
    ]


def test_who_waited_with_an_older_clock_is_written_after_who_was_first(
    leader: LeaderAssignment,
) -> None:
    second = leadership.assign(
        proof=payers_word(leader.group.memberships.get(seat=2).group.contract, LATER),
        member=leader.group.memberships.get(seat=2),
        at=LATER,
        **FORM_2,
    )
    freezes.freeze(assignment=second, at=NOW)
    third = leadership.assign(
        proof=payers_word(leader.member.group.contract, EARLIER),
        member=leader.member,
        at=EARLIER,
        **FORM_2,
    )
    second.refresh_from_db()
    assert (second.ended_at, third.assigned_at) == (LATER, LATER)

"""Acts on who may activate (R3, R4, R26)."""

from datetime import datetime
from typing import Any, cast

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from groups import membership, terms
from groups.models import Group, Membership, TermsVersion
from klikon.desk.acts.base import DeskAct, MemberOf, Signed, standing_leader
from klikon.desk.acts.family import ChoosesAMember, ChosenMemberForm
from klikon.desk.identification import IdentifiedForm
from klikon.desk.refusals import PaperOutdated
from klikon.leader import freezes, leadership, phone_pin, standing
from klikon.leader.refusals import NobodyLeads, NobodyToLead
from klikon.models import (
    DeclarationChannel,
    FreezeCause,
    LeaderAssignment,
    LeaderFreeze,
    PhonePin,
)
from klikon.papers.typeset import Rows
from klikon.payer import limits
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal
from superfamilja.values import phone


def _pk(row: Model | None) -> int | None:
    return row.pk if row else None


def _require_the_same(act: DeskAct) -> None:
    """Raise PaperOutdated unless the paper's ids, read before the lock, are still the same."""
    membership.lock_group(cast(Group, act.group).pk)
    if type(act)(act.contract).stands_on() != act.stands_on():
        raise PaperOutdated


def _stop_of(leader: LeaderAssignment | None) -> LeaderFreeze | None:
    return leader.standing_freeze() if leader else None


class ChosenLeaderForm(ChosenMemberForm):
    """The member who becomes Mobile Leader."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["member"].label = _("Who becomes the Mobile Leader?")


class NameLeader(ChoosesAMember):
    """The Declaration (R3)."""

    name, key = "name_leader", "d"
    title = _("Declaration for the choice of the Mobile Leader")
    button = _("Signed: the Declaration comes into force")
    consequence = _(
        "From now on only this member can activate packages for the group, on the Fixed Leader's "
        "bill. A Mobile Leader named before stops being one."
    )
    done = _("The Declaration is in force. The Mobile Leader is named.")
    form_class = ChosenLeaderForm
    is_declaration = asks_word = is_told_by_letter = True

    def __init__(self, *args: Any):
        super().__init__(*args)
        self.leader = standing_leader(self.group)
        self.stop = _stop_of(self.leader)

    def obstacle(self) -> Refusal | None:
        if refusal := super().obstacle():
            return refusal
        return None if MemberOf.choices(self.group) else NobodyToLead()

    def subject(self) -> Rows:
        now = self.leader.member.name if self.leader else _("nobody")
        return [*super().subject(), (_("Mobile Leader until now"), now)]

    def stands_on(self) -> dict[str, Any]:
        limit_lek = None
        if self.group:
            limit_lek = self._limit_lek(terms.in_force(self.group, portal_clock.now()))
        return {
            **super().stands_on(),
            "leader": _pk(self.leader),
            "stop": _pk(self.stop),
            "limit_lek": limit_lek,
        }

    def asked(self, form: IdentifiedForm) -> Rows:
        in_force = terms.in_force(cast(Group, self.group), portal_clock.now())
        most = limits.spoken(self._limit_lek(in_force), in_force)
        return [*super().asked(form), (_("At most a month"), most)]

    def _limit_lek(self, in_force: TermsVersion) -> int:
        return limits.group_limit_lek(cast(Group, self.group), in_force)

    def led_by(self, form: IdentifiedForm) -> Membership:
        return MemberOf.found(self.group, form.cleaned_data["member"])

    def require(self, form: IdentifiedForm, at: datetime) -> None:
        super().require(form, at)
        leadership.require_nameable(cast(Group, self.group), self.led_by(form))

    def perform(self, signed: Signed) -> LeaderAssignment:
        _require_the_same(self)
        return leadership.assign(
            member=MemberOf.found(self.group, signed.cleaned["member"]),
            channel=DeclarationChannel.STORE,
            signatory_name=signed.signatory,
            evidence=signed.evidence,
            proof=signed.proof,
            number=signed.paper.number,
            store=signed.store,
            by_letter=signed.by_letter,
            **signed.words,
        )


class LeaderAct(DeskAct):
    """Base of acts on the standing Mobile Leader."""

    def __init__(self, *args: Any):
        super().__init__(*args)
        self.leader = standing_leader(self.group)

    def obstacle(self) -> Refusal | None:
        return None if self.leader else NobodyLeads()

    def stands_on(self) -> dict[str, Any]:
        return {**super().stands_on(), "leader": _pk(self.leader)}

    def subject(self) -> Rows:
        if self.leader is None:
            return super().subject()
        member = self.leader.member
        who = f"{member.name}, {phone.spoken(member.msisdn)}"
        return [*super().subject(), (_("Mobile Leader"), who)]

    def require(self, form: IdentifiedForm, at: datetime) -> None:
        super().require(form, at)
        standing.require_standing(self.standing)

    @property
    def standing(self) -> LeaderAssignment:
        """Return the leadership of the act; when it has ended meanwhile, the verb refuses."""
        if self.leader is None:
            raise NobodyLeads
        return self.leader


class RevokeLeader(LeaderAct):
    name, key = "revoke_leader", "r"
    title = _("Revoke the Mobile Leader")
    button = _("Signed: revoke the Mobile Leader")
    consequence = _(
        "From this moment nobody can activate packages for the group, until the Fixed Leader names "
        "a Mobile Leader by a new Declaration. What is active stays active, and what was spent "
        "stays on the bill. Both are told by SMS."
    )
    done = _("The Mobile Leader is revoked.")

    def perform(self, signed: Signed) -> LeaderAssignment:
        return leadership.revoke(assignment=self.standing, proof=signed.proof, **signed.words)


class FreezeLeader(LeaderAct):
    name, key = "freeze_leader", "n"
    title = _("Stop the Mobile Leader for now")
    button = _("Signed: stop activations for now")
    consequence = _(
        "From this moment nobody can activate packages for the group, until the Fixed Leader "
        "allows it again. What is active stays active. Both are told by SMS."
    )
    done = _("The Mobile Leader is stopped for now.")

    def require(self, form: IdentifiedForm, at: datetime) -> None:
        super().require(form, at)
        freezes.require_unfrozen(self.standing)

    def perform(self, signed: Signed) -> LeaderFreeze:
        return freezes.freeze(assignment=self.standing, proof=signed.proof, **signed.words)


class UnfreezeLeader(LeaderAct):
    name, key = "unfreeze_leader", "l"
    title = _("Allow the Mobile Leader again")
    button = _("Signed: allow activations again")
    consequence = _(
        "From this moment this Mobile Leader can activate packages for the group again, on the "
        "Fixed Leader's bill. Both are told by SMS."
    )
    done = _("The Mobile Leader can activate again.")
    asks_word = is_told_by_letter = True

    def __init__(self, *args: Any):
        super().__init__(*args)
        self.frozen = _stop_of(self.leader)

    def stands_on(self) -> dict[str, Any]:
        return {**super().stands_on(), "stop": _pk(self.frozen)}

    def led_by(self, form: IdentifiedForm) -> Membership:
        return self.standing.member

    def subject(self) -> Rows:
        why = FreezeCause(self.frozen.cause).label if self.frozen else "—"
        return [*super().subject(), (_("Stopped because"), why)]

    def require(self, form: IdentifiedForm, at: datetime) -> None:
        super().require(form, at)
        freezes.require_frozen(self.standing)

    def perform(self, signed: Signed) -> LeaderFreeze:
        _require_the_same(self)
        return freezes.unfreeze(
            assignment=self.standing, evidence=signed.evidence, proof=signed.proof, **signed.words
        )


class ResetPin(LeaderAct):
    """Remove a forgotten PIN; the Fixed Leader sets the next one, which is never typed here."""

    name, key = "reset_pin", "x"
    title = _("Reset the PIN of the phone channel")
    button = _("Signed: reset the PIN")
    consequence = _(
        "The PIN is removed and a lock with it. The Fixed Leader sets another one online; until "
        "then nothing above the amount of the terms is activated by phone."
    )
    done = _("The PIN is removed. The Fixed Leader sets another one online.")

    def __init__(self, *args: Any):
        super().__init__(*args)
        # The lock ends with the PIN, so removing it counts as unlocking.
        pin = phone_pin.current(self.leader) if self.leader else None
        self.asks_word = pin is not None and pin.locked_at is not None

    def require(self, form: IdentifiedForm, at: datetime) -> None:
        super().require(form, at)
        phone_pin.require_set(phone_pin.current(self.standing))

    def perform(self, signed: Signed) -> PhonePin:
        return phone_pin.remove_pin(leader=self.standing, proof=signed.proof, **signed.words)


class UnlockPhone(LeaderAct):
    """Unlock after three wrong PINs."""

    name, key = "unlock_phone", "u"
    title = _("Unlock the phone channel")
    button = _("Signed: unlock the phone channel")
    consequence = _(
        "From this moment the Mobile Leader can activate by phone again. The PIN stays the same; "
        "the Fixed Leader sets another one online."
    )
    done = _("The phone channel is unlocked.")
    asks_word = True

    def require(self, form: IdentifiedForm, at: datetime) -> None:
        super().require(form, at)
        phone_pin.require_locked(phone_pin.current(self.standing))

    def perform(self, signed: Signed) -> PhonePin:
        return phone_pin.unlock(leader=self.standing, proof=signed.proof, **signed.words)

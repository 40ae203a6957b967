"""Resolve entries that did not agree with their lines when their month closed."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from billing import charges
from billing.models import BillEntry, ParkedEntry, Resolution
from billing.month import totals
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.refusal import Refusal
from superfamilja.values.lek import lek


class NotParked(Refusal):
    rule = "R14"
    code = "not_parked"
    sentence = gettext_noop("This entry does not wait any more: somebody has resolved it.")


class LinesAboveCeiling(Refusal):
    rule = "R9"
    code = "lines_above_ceiling"
    sentence = gettext_noop(
        "The lines come to %(lines)s, more than the %(ceiling)s that were ever allowed. Such an "
        "entry is not counted anew: find out why, then accept it with the reason."
    )


class NotRejected(Refusal):
    rule = "R22"
    code = "not_rejected"
    sentence = gettext_noop(
        "Fixed billing has not rejected this entry: count it anew, or accept it as it stands."
    )


class WasRejected(Refusal):
    rule = "R22"
    code = "was_rejected"
    sentence = gettext_noop("Fixed billing rejected this entry: send it again, or credit it.")


class NothingProposed(Refusal):
    rule = "R14"
    code = "nothing_proposed"
    sentence = gettext_noop("Nobody has proposed to accept this entry yet.")


class ProposedByYourself(Refusal):
    rule = "R14"
    code = "proposed_by_yourself"
    sentence = gettext_noop("You proposed it, so a second person accepts it.")


@transaction.atomic
def recount(*, parked: ParkedEntry, at: datetime, actor: User, reason: str) -> ParkedEntry:
    """Make the entry say what its lines say.

    Raises NotParked, LinesAboveCeiling, ReasonMissing, AccountHeld.
    """
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    parked = locked_waiting(parked)
    require_parked_at_close(parked)
    entry = BillEntry.objects.select_for_update().get(pk=parked.entry_id)
    lines = totals.of_entry(entry)
    if not 0 <= lines["spent"] <= entry.ceiling:
        raise LinesAboveCeiling(lines=lek(lines["spent"]), ceiling=lek(entry.ceiling))
    for name in totals.FIGURES:
        setattr(entry, name, lines[name])
    entry.save(update_fields=totals.FIGURES)
    return resolve(parked, Resolution.RECOUNTED, at=at, actor=actor, reason=reason)


@transaction.atomic
def propose_acceptance(
    *, parked: ParkedEntry, at: datetime, actor: User, reason: str
) -> ParkedEntry:
    """Ask a second person to accept the entry as it stands.

    Raises NotParked, ReasonMissing, AccountHeld.
    """
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    parked = locked_waiting(parked)
    require_parked_at_close(parked)
    parked.proposed_at, parked.proposed_by, parked.reason = at, actor, reason.strip()
    parked.save(update_fields=["proposed_at", "proposed_by", "reason"])
    _record("propose_acceptance", parked, at=at, actor=actor, reason=reason)
    return parked


@transaction.atomic
def accept(*, parked: ParkedEntry, at: datetime, actor: User, reason: str = "") -> ParkedEntry:
    """Accept the entry as it stands, for the reason that another person gave.

    Raises NotParked, NothingProposed, ProposedByYourself, AccountHeld.
    """
    holding.require_free(actor, at)
    parked = locked_waiting(parked)
    require_parked_at_close(parked)
    require_acceptable(parked, actor)
    return resolve(parked, Resolution.ACCEPTED, at=at, actor=actor, reason=reason)


def require_acceptable(parked: ParkedEntry, person: User) -> None:
    """Raise what `accept` refuses of a parked entry: NothingProposed, ProposedByYourself."""
    if parked.proposed_by_id is None:
        raise NothingProposed
    if parked.proposed_by_id == person.pk:
        raise ProposedByYourself


def require_waiting(parked: ParkedEntry) -> None:
    """Raise NotParked when the entry is not waiting."""
    if not ParkedEntry.objects.waiting().filter(pk=parked.pk).exists():
        raise NotParked


def require_parked_at_close(parked: ParkedEntry) -> None:
    """Raise WasRejected for an entry that has the other ways out."""
    if parked.is_rejected:
        raise WasRejected


def require_rejected(parked: ParkedEntry) -> None:
    """Raise NotRejected for an entry that its close has parked."""
    if not parked.is_rejected:
        raise NotRejected


def locked_waiting(parked: ParkedEntry) -> ParkedEntry:
    """Return the row, locked, its month kept from being opened again. Raises NotParked."""
    charges.lock_months_shared(parked.month)
    parked = ParkedEntry.objects.select_for_update().get(pk=parked.pk)
    require_waiting(parked)
    return parked


def resolve(
    parked: ParkedEntry, how: Resolution, *, at: datetime, actor: User, reason: str
) -> ParkedEntry:
    """Write down which way out it was. The caller holds the row."""
    parked.resolution, parked.resolved_at, parked.resolved_by = how, at, actor
    parked.save(update_fields=["resolution", "resolved_at", "resolved_by"])
    _record(f"parked_{how}", parked, at=at, actor=actor, reason=reason)
    return parked


def _record(verb: str, parked: ParkedEntry, *, at: datetime, actor: User, reason: str) -> None:
    acts.record(
        verb,
        actor=actor,
        at=at,
        contract_number=parked.contract.number,
        reason=reason,
        entry=str(parked),
        differences=parked.differences,
    )

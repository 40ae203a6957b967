"""What people do about a difference: take it, or accept it as it is, by two people.

Everything else is put right by the verbs of the thing itself; the next comparison then ends it.
"""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from billing import charges
from billing.models import (
    BillEntry,
    BillMonth,
    Discrepancy,
    DiscrepancyEnd,
    IssuedFile,
    ParkedEntry,
)
from billing.month import totals
from billing.month.parked import LinesAboveCeiling
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.epoch import standing
from superfamilja.refusal import Refusal
from superfamilja.values.lek import lek


class DiscrepancyEnded(Refusal):
    rule = "R14"
    code = "discrepancy_ended"
    sentence = gettext_noop("This difference has ended already: look at the list again.")


class NobodyProposed(Refusal):
    rule = "R14"
    code = "nobody_proposed"
    sentence = gettext_noop(
        "Nobody has proposed to accept this difference, or what the books say has changed since."
    )


class YourOwnProposal(Refusal):
    rule = "R14"
    code = "your_own_proposal"
    sentence = gettext_noop("You proposed it, so a second person accepts it.")


class EntryAgrees(Refusal):
    rule = "R14"
    code = "entry_agrees"
    sentence = gettext_noop("The entry agrees with its lines: compare the books again.")


class EntryIssued(Refusal):
    rule = "R14"
    code = "entry_issued"
    sentence = gettext_noop(
        "The month's file has gone out, so the entry stays as it is. Credit what is wrong, then "
        "let two people accept the difference."
    )


@transaction.atomic
def take(*, found: Discrepancy, at: datetime, actor: User, reason: str) -> Discrepancy:
    """Look after this difference from now on; whoever had it before is let off.

    Raises DiscrepancyEnded, ReasonMissing, AccountHeld.
    """
    found = _standing(found, at, actor, reason)
    found.owner, found.owned_at = actor, at
    found.save(update_fields=["owner", "owned_at"])
    return _recorded("take_discrepancy", found, at, actor, reason)


@transaction.atomic
def propose(*, found: Discrepancy, at: datetime, actor: User, reason: str) -> Discrepancy:
    """Ask a second person to accept the difference as it is.

    Raises DiscrepancyEnded, ReasonMissing, AccountHeld.
    """
    found = _standing(found, at, actor, reason)
    found.proposed_at, found.proposed_by, found.reason = at, actor, reason.strip()
    found.save(update_fields=["proposed_at", "proposed_by", "reason"])
    return _recorded("propose_discrepancy", found, at, actor, reason)


@transaction.atomic
def accept_difference(*, found: Discrepancy, at: datetime, actor: User, reason: str) -> Discrepancy:
    """Accept it, for the reason that another person gave. It comes back if a book changes.

    Raises DiscrepancyEnded, NobodyProposed, YourOwnProposal, ReasonMissing, AccountHeld.
    """
    found = _standing(found, at, actor, reason)
    require_acceptable(found, actor)
    found.ended_at, found.ended_how, found.ended_by = at, DiscrepancyEnd.ACCEPTED, actor
    found.save(update_fields=["ended_at", "ended_how", "ended_by"])
    return _recorded("accept_discrepancy", found, at, actor, reason)


@transaction.atomic
def set_entry_right(*, entry: BillEntry, at: datetime, actor: User, reason: str) -> BillEntry:
    """Count an entry of an open month anew from its lines. One of a closed month whose file has
    not gone out is parked, and then has the ways out of a parked entry.

    Raises Halted, EntryAgrees, EntryIssued, LinesAboveCeiling, ReasonMissing, AccountHeld.
    """
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    standing.require_open()  # R36
    charges.lock_months_shared(entry.month)
    _wait_for_its_file(entry.month)
    entry = BillEntry.objects.select_for_update().get(pk=entry.pk)
    lines = totals.of_entry(entry)
    differs = {
        name: [getattr(entry, name), lines[name]]
        for name in totals.FIGURES
        if getattr(entry, name) != lines[name]
    }
    if not differs or entry.parked.in_force().exists():
        raise EntryAgrees
    if charges.is_closed(entry.month):
        _park(entry, differs, at)
        verb = "park_entry"
    else:
        _count_anew(entry, lines)
        verb = "recount_entry"
    acts.record(
        verb,
        actor=actor,
        at=at,
        contract_number=entry.contract.number,
        reason=reason,
        entry=entry.reference,
        differences=differs,
    )
    return entry


def require_standing(found: Discrepancy) -> None:
    """Raise DiscrepancyEnded when it has ended."""
    if found.ended_at is not None:
        raise DiscrepancyEnded


def require_acceptable(found: Discrepancy, person: User) -> None:
    """Raise what `accept_difference` refuses: NobodyProposed, YourOwnProposal."""
    if found.proposed_by_id is None:
        raise NobodyProposed
    if found.proposed_by_id == person.pk:
        raise YourOwnProposal


def _count_anew(entry: BillEntry, lines: dict[str, int]) -> None:
    if not 0 <= lines["spent"] <= entry.ceiling:
        raise LinesAboveCeiling(lines=lek(lines["spent"]), ceiling=lek(entry.ceiling))
    for name in totals.FIGURES:
        setattr(entry, name, lines[name])
    entry.save(update_fields=totals.FIGURES)


def _wait_for_its_file(month: date) -> None:
    """Lock the month's row: whoever issues a file holds it.

    Otherwise the file and a supplement could both bill an entry that is parked meanwhile.
    """
    BillMonth.objects.select_for_update().filter(month=month).first()


def _park(entry: BillEntry, differs: dict[str, list[int]], at: datetime) -> None:
    if IssuedFile.objects.filter(month=entry.month).exists():
        raise EntryIssued
    ParkedEntry.objects.create(
        contract_id=entry.contract_id,
        entry=entry,
        month=entry.month,
        differences=differs,
        parked_at=at,
    )


def _standing(found: Discrepancy, at: datetime, actor: User, reason: str) -> Discrepancy:
    """The row, locked."""
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    found = Discrepancy.objects.select_for_update().get(pk=found.pk)
    require_standing(found)
    return found


def _recorded(verb: str, found: Discrepancy, at: datetime, actor: User, reason: str) -> Discrepancy:
    acts.record(verb, actor=actor, at=at, reason=reason, kind=found.kind, about=found.key)
    return found

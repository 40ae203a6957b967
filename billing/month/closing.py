"""Close, cancel and approve a month (R13, R29).

Set-based SQL does it under the month's exclusive lock. Each verb is one transaction: a killed close
leaves nothing behind, and the next run does it all.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from billing import charges
from billing.models import BillMonth, MonthState, ParkedEntry
from billing.month import figures, next_file, totals
from billing.month.figures import Figures
from billing.month.next_file import NextFile
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.data.database import large_statements
from superfamilja.data.progress import Report, silent
from superfamilja.epoch import standing
from superfamilja.refusal import Refusal
from superfamilja.values.months import month_label, month_of

STEPS = ("wait", "carry", "check", "total")


class MonthUnfinished(Refusal):
    rule = "R11"
    code = "month_unfinished"
    sentence = gettext_noop("Month %(month)s is not over yet; it can be closed when it is.")


class MonthNotClosed(Refusal):
    rule = "R13"
    code = "month_not_closed"
    sentence = gettext_noop("Month %(month)s is open. Close it first.")


class MonthApproved(Refusal):
    rule = "R13"
    code = "month_approved"
    sentence = gettext_noop(
        "Month %(month)s is approved, and that is for good. Credits in the open month correct it."
    )


class SecondPersonNeeded(Refusal):
    rule = "R13"
    code = "second_person_needed"
    sentence = gettext_noop(
        "Whoever closed month %(month)s cannot approve it: a second person does."
    )


class FiguresChanged(Refusal):
    rule = "R13"
    code = "figures_changed"
    sentence = gettext_noop(
        "The figures of month %(month)s changed after you looked at them; nothing was closed. "
        "Look at them again."
    )


class ClosedAnew(Refusal):
    rule = "R13"
    code = "closed_anew"
    sentence = gettext_noop(
        "Month %(month)s was opened and closed again after you looked at it. Look at it again."
    )


@dataclass(frozen=True)
class Closed:
    """A closed month with its figures; `is_new` is False when it was closed before."""

    month: date
    figures: Figures
    is_new: bool


@transaction.atomic
def close_month(
    *,
    month: date,
    at: datetime,
    actor: User,
    reason: str = "",
    dry_run: bool = False,
    expected: Figures | None = None,
    report: Report = silent,
) -> Closed:
    """Close the month: carry what is held (R29) and park what disagrees with its lines.

    From then on the month takes no charge. A closed month stays as it is. `expected` is what the
    confirming person has seen (figures.if_closed). `report(step, done, total)` receives the
    progress. Raises MonthUnfinished, FiguresChanged, AccountHeld, Halted.
    """
    standing.require_open()  # R36
    holding.require_free(actor, at)
    require_finished(month, at)
    report("wait", 0, 1)
    large_statements()
    charges.lock_month_exclusively(month)
    report("wait", 1, 1)
    row = BillMonth.objects.filter(month=month).exclude(state=MonthState.OPEN).first()
    if row:
        return Closed(month, Figures(**row.figures), is_new=False)
    report("carry", 0, 1)
    _carry(month, at)
    report("carry", 1, 1)
    report("check", 0, 1)
    _park(month, at)
    report("check", 1, 1)
    report("total", 0, 1)
    counted = figures.live(month)
    if expected not in (None, counted):
        raise FiguresChanged(month=month_label(month))
    BillMonth.objects.update_or_create(
        month=month,
        defaults={
            "state": MonthState.CLOSED,
            "closed_at": at,
            "closed_by": actor,
            "figures": asdict(counted),
        },
    )
    acts.record(
        "close_month",
        actor=actor,
        at=at,
        reason=reason,
        month=f"{month:%Y-%m}",
        entries=counted.entries,
        parked=counted.parked,
        amount_lek=counted.bills_lek,
    )
    report("total", 1, 1)
    transaction.set_rollback(dry_run)
    return Closed(month, counted, is_new=True)


@transaction.atomic
def cancel_close(
    *, month: date, at: datetime, actor: User, reason: str, closed_at: datetime | None = None
) -> BillMonth:
    """Open a closed month again, as long as nobody has approved it.

    Carried charges that are still held come back. Those that settled meanwhile stay on their later
    bill, and reversed ones stay on none. `closed_at` is the close that the person looked at; None
    accepts any. Raises MonthNotClosed, MonthApproved, ClosedAnew, ReasonMissing, AccountHeld.
    """
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    row = _locked_month(month)
    if row.state == MonthState.APPROVED:
        raise MonthApproved(month=month_label(month))
    _require_same_close(row, closed_at)
    row.state, row.closed_at, row.closed_by, row.figures = MonthState.OPEN, None, None, {}
    row.save()
    _bring_back(month, at)
    ParkedEntry.objects.in_force().filter(month=month).update(withdrawn_at=at)
    acts.record("cancel_close", actor=actor, at=at, reason=reason, month=f"{month:%Y-%m}")
    return row


@transaction.atomic
def approve_month(
    *,
    month: date,
    at: datetime,
    actor: User,
    reason: str = "",
    closed_at: datetime | None = None,
    expected: NextFile | None = None,
) -> BillMonth:
    """Approve as a second person: it is final, and only then a file is issued.

    `closed_at` is the close that the person looked at, `expected` what the file will hold. Raises
    MonthNotClosed, SecondPersonNeeded, ClosedAnew, FileChanged, AccountHeld. Approving again
    changes nothing.
    """
    standing.require_open()  # R36
    holding.require_free(actor, at)
    row = _locked_month(month)
    if row.state == MonthState.APPROVED:
        return row
    if row.closed_by is None or row.closed_by == actor:
        raise SecondPersonNeeded(month=month_label(month))
    _require_same_close(row, closed_at)
    if expected is not None:
        next_file.require_seen(month, expected, next_file.of_month(month))
    row.state, row.approved_at, row.approved_by = MonthState.APPROVED, at, actor
    row.save()
    acts.record("approve_month", actor=actor, at=at, reason=reason, month=f"{month:%Y-%m}")
    return row


def require_finished(month: date, at: datetime) -> None:
    """R11: raise MonthUnfinished until the month is over."""
    if month_of(at) <= month:
        raise MonthUnfinished(month=month_label(month))


def _require_same_close(row: BillMonth, closed_at: datetime | None) -> None:
    if closed_at not in (None, row.closed_at):
        raise ClosedAnew(month=month_label(row.month))


def _locked_month(month: date) -> BillMonth:
    """Lock the month exclusively; return its row, which is closed or approved."""
    charges.lock_month_exclusively(month)
    row = BillMonth.objects.select_related("closed_by").filter(month=month).first()
    if row is None or row.state == MonthState.OPEN:
        raise MonthNotClosed(month=month_label(month))
    return row


def _carry(month: date, at: datetime) -> None:
    """R29: take held charges off this bill. Only entries with held charges change."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH carried AS (
                INSERT INTO billing_carriedcharge (contract_id, charge_id, from_month, carried_at)
                SELECT contract_id, id, month, %(at)s FROM billing_charge
                WHERE month = %(month)s AND state = 'held'
                RETURNING charge_id
            ), held AS (
                SELECT c.entry_id, sum(c.amount_lek) AS amount_lek
                FROM carried JOIN billing_charge c ON c.id = carried.charge_id
                GROUP BY c.entry_id
            )
            UPDATE billing_billentry e SET carried_out = e.carried_out + held.amount_lek
            FROM held WHERE e.id = held.entry_id
            """,
            {"month": month, "at": at},
        )


def _park(month: date, at: datetime) -> None:
    """Park entries that do not agree with their lines, with what each side says."""
    pairs = ", ".join(
        f"'{name}', CASE WHEN {name} <> lines_{name} "
        f"THEN jsonb_build_array({name}, lines_{name}) END"
        for name in totals.FIGURES
    )
    differs = " OR ".join(f"{name} <> lines_{name}" for name in totals.FIGURES)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO billing_parkedentry (contract_id, entry_id, month, differences, parked_at)
            SELECT contract_id, entry_id, month, jsonb_strip_nulls(jsonb_build_object({pairs})),
                   %(at)s
            FROM ({totals.PER_ENTRY}) counted
            WHERE {differs}
            """,  # noqa: S608 - only names of ours
            {"month": month, "at": at, "entry": None, "contract": None},
        )


def _bring_back(month: date, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH withdrawn AS (
                UPDATE billing_carriedcharge k SET withdrawn_at = %(at)s
                FROM billing_charge c
                WHERE k.from_month = %(month)s AND k.withdrawn_at IS NULL
                  AND c.id = k.charge_id AND c.state = 'held'
                RETURNING c.entry_id, c.amount_lek
            ), held AS (
                SELECT entry_id, sum(amount_lek) AS amount_lek FROM withdrawn GROUP BY entry_id
            )
            UPDATE billing_billentry e SET carried_out = e.carried_out - held.amount_lek
            FROM held WHERE e.id = held.entry_id
            """,
            {"month": month, "at": at},
        )

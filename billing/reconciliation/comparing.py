"""Compare the books: every statement once, each difference a row, what is gone ended.

Asked for by a person or by the day, carried out by the worker: over a million contracts it takes
longer than a browser waits. The other side is asked before the transaction begins.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils.translation import gettext_noop

from billing.models import Discrepancy, Reconciliation
from billing.reconciliation.kinds import COMPARISONS, BookComparison, SilentBookError
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.data.advisory_locks import RECONCILIATION_LOCK
from superfamilja.data.database import constraint_of, large_statements
from superfamilja.epoch import standing
from superfamilja.refusal import Refusal

log = logging.getLogger(__name__)

FAILED = "it failed; the log says why"
# A table made from a statement: PostgreSQL reads for it with several processes, for INSERT it does
# not.
_FIND = """
DROP TABLE IF EXISTS found_now;
CREATE TEMP TABLE found_now ON COMMIT DROP AS
SELECT * FROM ({sql}) f (kind, key, moment, ours, theirs, links)
"""
_KEEP = """
INSERT INTO billing_discrepancy AS d
       (kind, key, moment, ours, theirs, links, first_seen_at, last_seen_at)
SELECT f.kind, f.key, f.moment, f.ours, f.theirs, f.links, %(at)s, %(at)s
FROM found_now f
WHERE NOT EXISTS (
    SELECT FROM billing_discrepancy a
    WHERE a.kind = f.kind AND a.key = f.key AND a.ended_how = 'accepted'
      AND a.moment = f.moment AND a.ours = f.ours AND a.theirs = f.theirs)
ON CONFLICT (kind, key) WHERE ended_at IS NULL DO UPDATE
SET last_seen_at = EXCLUDED.last_seen_at, ours = EXCLUDED.ours, theirs = EXCLUDED.theirs,
    links = EXCLUDED.links,
    -- Who proposed to accept it has seen something else.
    proposed_at = CASE WHEN d.ours = EXCLUDED.ours AND d.theirs = EXCLUDED.theirs
                  THEN d.proposed_at END,
    proposed_by_id = CASE WHEN d.ours = EXCLUDED.ours AND d.theirs = EXCLUDED.theirs
                     THEN d.proposed_by_id END
RETURNING (xmax = 0) AS is_new
"""
_END = """
UPDATE billing_discrepancy d SET ended_at = %(at)s, ended_how = 'gone'
WHERE d.ended_at IS NULL AND d.kind = ANY(%(kinds)s)
  AND (%(since)s::timestamptz IS NULL OR d.moment >= %(since)s::timestamptz)
  AND NOT EXISTS (SELECT FROM found_now f WHERE f.kind = d.kind AND f.key = d.key)
"""


class ComparedAlready(Refusal):
    rule = "R36"
    code = "compared_already"
    sentence = gettext_noop("The books are being compared already; wait for it.")


@dataclass
class _Said:
    """What the other sides said, and who was silent."""

    lists: dict[str, object] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def ask(*, at: datetime, actor: User | None, reason: str = "") -> Reconciliation:
    """Ask for a comparison; the worker carries it out. One at a time.

    Raises ComparedAlready, Halted, ReasonMissing, AccountHeld.
    """
    standing.require_open()  # R36
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    try:
        with transaction.atomic():
            asked = Reconciliation.objects.create(asked_at=at, asked_by=actor)
    except IntegrityError as error:
        if constraint_of(error) != "reconciliation_asked_once_at_a_time":
            raise
        raise ComparedAlready from error
    if actor:
        acts.record("ask_comparison", actor=actor, at=at, reason=reason)
    return asked


def carry_out_next(at: datetime) -> Reconciliation | None:
    """Carry out what was asked for, or what the day asks for; None: nothing is due.

    Killed on the way it is carried out again: its one transaction left nothing behind.
    """
    if standing.why_halted():  # R36
        return None
    asked = Reconciliation.objects.filter(ended_at=None).first()
    if asked is None and not _is_due(at):
        return None
    try:
        asked = asked or ask(at=at, actor=None)
    except ComparedAlready:
        return None
    return carry_out(asked, at)


def carry_out(asked: Reconciliation, at: datetime) -> Reconciliation | None:
    """Compare everything. Return None when another process is at it.

    The lock comes before the other sides are asked, so that they are asked once. A comparison that
    fails counts as silent, so that the others end and somebody can ask again.
    """
    with _alone() as is_alone:
        return _carry_out(asked, at) if is_alone else None


def _carry_out(asked: Reconciliation, at: datetime) -> Reconciliation | None:
    said = _ask_the_others(at)
    with transaction.atomic():
        large_statements()
        asked = Reconciliation.objects.select_for_update().get(pk=asked.pk)
        if asked.ended_at:
            return None
        for comparison in COMPARISONS.values():
            if comparison.code in said.silent:
                continue
            try:
                with transaction.atomic():
                    new, gone = _compare(comparison, said.lists.get(comparison.code), at)
            except (DatabaseError, OverflowError, ValueError):
                log.exception("The comparison of %s failed.", comparison.code)
                said.silent[comparison.code] = FAILED
                continue
            asked.new += new
            asked.gone += gone
        asked.silent, asked.ended_at = said.silent, at
        asked.open = Discrepancy.objects.standing().count()
        asked.save()
    return asked


def counted(comparison: BookComparison, at: datetime) -> dict[str, tuple[int, dict[str, Any]]]:
    """Return how many differences of each kind there are now, with the links of one. Reads only."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT kind, count(*), (array_agg(links ORDER BY key DESC))[1] "  # noqa: S608
            f"FROM ({comparison.sql}) f (kind, key, moment, ours, theirs, links) GROUP BY kind",
            {"at": at},
        )
        return {kind: (number, json.loads(links)) for kind, number, links in cursor.fetchall()}


def _is_due(at: datetime) -> bool:
    last = Reconciliation.objects.exclude(ended_at=None).order_by("-ended_at").first()
    every = timedelta(hours=settings.RECONCILIATION_HOURS)
    return last is None or last.ended_at is None or last.ended_at <= at - every


def _ask_the_others(at: datetime) -> _Said:
    said = _Said()
    for comparison in COMPARISONS.values():
        if comparison.fetch is None:
            continue
        try:
            said.lists[comparison.code] = comparison.fetch(at)
        except SilentBookError as error:
            said.silent[comparison.code] = str(error)[:200]
        except Exception:
            log.exception("The other side of %s could not be asked.", comparison.code)
            said.silent[comparison.code] = FAILED
    return said


@contextmanager
def _alone() -> Iterator[bool]:
    """Hold the lock for the session, and say whether it was free."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [RECONCILIATION_LOCK])
        is_alone = bool(cursor.fetchone()[0])
    try:
        yield is_alone
    finally:
        if is_alone and connection.connection and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [RECONCILIATION_LOCK])


def _compare(comparison: BookComparison, told: object, at: datetime) -> tuple[int, int]:
    since = comparison.load(told) if comparison.load else None
    with connection.cursor() as cursor:
        cursor.execute(_FIND.format(sql=comparison.sql), {"at": at})
        cursor.execute(_KEEP, {"at": at})
        new = sum(is_new for (is_new,) in cursor.fetchall())
        kinds = [kind.code for kind in comparison.kinds]
        cursor.execute(_END, {"at": at, "kinds": kinds, "since": since})
        return new, cursor.rowcount

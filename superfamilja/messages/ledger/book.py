"""What left and what came back, written down: the one place where a transport that gets receipts
records anything (ADR 0029).

Whoever writes of a message has locked its row: two receipts of two parts, on two connections, would
otherwise each see a message that is not whole yet.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from superfamilja.messages.ledger import centre_ids
from superfamilja.messages.ledger.matching import (
    OK,
    Report,
    attach,
    by_ids,
    end,
    find_a_receipt,
    part_of,
    receipts_without_part,
)
from superfamilja.messages.models import Delivery, OutgoingMessage, Receipt, SubmittedPart

__all__ = ["OK", "REFUSED", "WRITTEN_OFF", "PartAnswer", "Report"]

# Ours, beside the centre's own numbers: of a way that has none, and what a person wrote off.
REFUSED, WRITTEN_OFF = -1, -2

# A part counts when one of its submissions was taken over; it arrived when one of them did.
_SETTLE = """
WITH part AS (
    SELECT message_id, part, max(parts) AS parts, bool_or(status = 0) AS taken,
           min(answered_at) FILTER (WHERE status = 0) AS taken_at,
           CASE WHEN bool_or(delivery = 'delivered') THEN 'delivered'
                WHEN bool_or(status = 0 AND delivery IS NULL) THEN NULL
                ELSE max(delivery) END AS fate
    FROM outbox_submittedpart WHERE message_id = ANY(%(ids)s) GROUP BY message_id, part),
whole AS (
    SELECT message_id, count(*) FILTER (WHERE taken) = max(parts) AS is_taken,
           max(taken_at) AS taken_at,
           CASE WHEN bool_or(fate = 'rejected') THEN 'rejected'
                WHEN bool_or(fate = 'expired') THEN 'expired'
                WHEN bool_or(fate = 'unknown') THEN 'unknown'
                WHEN count(*) FILTER (WHERE fate = 'delivered') = max(parts) THEN 'delivered'
                ELSE '' END AS fate
    FROM part GROUP BY message_id)
UPDATE outbox_outgoingmessage m
   SET state = CASE WHEN w.is_taken AND m.state IN ('queued', 'unknown') THEN 'sent'
                    ELSE m.state END,
       sent_at = CASE WHEN w.is_taken AND m.state IN ('queued', 'unknown') THEN w.taken_at
                      ELSE m.sent_at END,
       last_error = CASE WHEN w.is_taken AND m.state IN ('queued', 'unknown') THEN ''
                         ELSE m.last_error END,
       delivery = CASE WHEN m.delivery = 'delivered' THEN m.delivery ELSE w.fate END
  FROM whole w
 WHERE m.id = w.message_id
   AND (w.is_taken AND m.state IN ('queued', 'unknown')
        OR m.delivery <> 'delivered' AND m.delivery <> w.fate)
"""

_ANSWER = """
UPDATE outbox_submittedpart p
   SET answered_at = %(at)s, status = a.status,
       centre_id = CASE WHEN a.key IS NULL THEN NULL ELSE a.centre_id END, centre_key = a.key
  FROM jsonb_to_recordset(%(rows)s::jsonb) AS a(id bigint, status bigint, centre_id text, key text)
 WHERE p.id = a.id AND p.answered_at IS NULL
RETURNING p.id
"""


@dataclass(frozen=True)
class PartAnswer:
    """What the other side answered to one part: 0 and the id that it gave, or why not."""

    part_pk: int
    status: int
    centre_id: str = ""


@transaction.atomic
def leaving(
    parts: Sequence[tuple[OutgoingMessage, int, int]], *, way: str, at: datetime
) -> list[SubmittedPart]:
    """Write down that these parts (message, part, of how many) are about to leave."""
    return SubmittedPart.objects.bulk_create(
        SubmittedPart(message=message, part=part, parts=of, submitted_at=at, way=way[:60])
        for message, part, of in parts
    )


@transaction.atomic
def record(answers: Iterable[PartAnswer], reports: Iterable[Report], *, at: datetime) -> None:
    """Write down what was answered and what was reported, and what it makes of each message.

    Told twice is told once. A receipt that overtook its answer finds its part here.
    """
    answers, reports = list(answers), list(reports)
    messages = _lock(_messages_of(answers, reports))
    if answers:
        _record_answers(answers, at)
    if reports:
        messages |= _record_reports(reports, at)
    settle(messages)


@transaction.atomic
def fall_silent(part_pks: Sequence[int], *, at: datetime) -> list[OutgoingMessage]:
    """Stop waiting for the answers to these parts. Returns the messages of unknown outcome.

    A receipt that came before is their answer.
    """
    parts = SubmittedPart.objects.filter(pk__in=part_pks, answered_at=None)
    touched = _lock(set(parts.values_list("message_id", flat=True)))
    parts.filter(silent_at=None).update(silent_at=at)
    for part in parts.select_related("message").order_by("pk"):
        find_a_receipt(part)
    settle(touched)
    left = SubmittedPart.objects.filter(pk__in=part_pks, answered_at=None)
    return list(OutgoingMessage.objects.filter(pk__in=left.values("message_id")))


def was_never_answered(message: OutgoingMessage, *, at: datetime) -> bool:
    """Return whether an earlier try of a message that was taken again may have left; its process
    has died meanwhile, or waits no longer."""
    left = message.submitted_parts.filter(answered_at=None).values_list("pk", flat=True)
    pks = list(left)
    if pks:
        fall_silent(pks, at=at)
    return bool(pks)


def write_off(message: OutgoingMessage, *, at: datetime) -> None:
    """Count the parts that nobody answered as not arrived: a person has decided so."""
    SubmittedPart.objects.filter(message=message, answered_at=None).update(
        answered_at=at, status=WRITTEN_OFF
    )


def settle(message_pks: Iterable[int]) -> None:
    """Make each message what its parts say; the caller has locked it."""
    ids = sorted(message_pks)
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_SETTLE, {"ids": ids})


def _lock(message_pks: set[int]) -> set[int]:
    locked = OutgoingMessage.objects.select_for_update().filter(pk__in=message_pks)
    return set(locked.order_by("pk").values_list("pk", flat=True))


def _messages_of(answers: list[PartAnswer], reports: list[Report]) -> set[int]:
    """All messages that these may change, to be locked in one order."""
    pks = [a.part_pk for a in answers] + [r.part_pk for r in reports if r.part_pk]
    found = set(SubmittedPart.objects.filter(pk__in=pks).values_list("message_id", flat=True))
    keys = [key for r in reports for key in centre_ids.forms_of(r.centre_id)]
    numbers = {r.recipient for r in reports}
    of_reports = SubmittedPart.objects.filter(message__recipient__in=numbers)
    found |= set(of_reports.filter(centre_key__in=keys).values_list("message_id", flat=True))
    silent = of_reports.filter(answered_at=None, silent_at__isnull=False)
    return found | set(silent.values_list("message_id", flat=True))


def _record_answers(answers: list[PartAnswer], at: datetime) -> None:
    """The first answer of a part counts; its receipt may have been here before."""
    rows = [
        {"id": a.part_pk, "status": a.status, "centre_id": a.centre_id[:65], "key": _key(a)}
        for a in answers
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ANSWER, {"at": at, "rows": json.dumps(rows)})
        changed = [pk for (pk,) in cursor.fetchall()]
    taken = SubmittedPart.objects.filter(pk__in=changed, centre_key__isnull=False)
    parts = list(taken.select_related("message"))
    waiting = receipts_without_part({part.message.recipient for part in parts})
    for part in parts if waiting else ():
        for receipt in waiting:
            is_of_its_number = receipt.recipient == part.message.recipient
            if is_of_its_number and part.centre_key in centre_ids.forms_of(receipt.centre_id):
                attach(receipt, part)


def _key(answer: PartAnswer) -> str | None:
    named = answer.status == OK and answer.centre_id
    return centre_ids.key_of(answer.centre_id)[:65] if named else None


def _record_reports(reports: list[Report], at: datetime) -> set[int]:
    """Keep the receipts, each once, with its part if one can be told. Returns their messages."""
    named = by_ids(reports)
    found = [(report, part_of(report, named, at)) for report in reports]
    Receipt.objects.bulk_create(
        [_receipt(report, part, at) for report, part in found], ignore_conflicts=True
    )
    ends: dict[int, str] = {}
    for report, part in found:
        if part is not None and report.delivery:
            ends.setdefault(part.pk, report.delivery)
    for delivery in Delivery.values:
        end([pk for pk, end in ends.items() if end == delivery], delivery)
    return {part.message_id for _report, part in found if part is not None}


def _receipt(report: Report, part: SubmittedPart | None, at: datetime) -> Receipt:
    return Receipt(
        received_at=at,
        recipient=report.recipient[:21],
        centre_id=report.centre_id[:65],
        centre_key=centre_ids.key_of(report.centre_id)[:65],
        said=report.said[:20],
        error=report.error[:20],
        delivery=report.delivery,
        submitted_part=part,
    )

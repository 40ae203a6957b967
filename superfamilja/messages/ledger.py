"""What left and what came back, written down: the one place where a transport that gets receipts
records anything (ADR 0029).

Whoever writes of a message has locked its row: two receipts of two parts, on two connections, would
otherwise each see a message that is not whole yet.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from superfamilja.messages import centre_ids
from superfamilja.messages.models import Delivery, OutgoingMessage, Receipt, SubmittedPart

# Ours, beside the centre's own numbers: of a way that has none, and what a person wrote off.
OK, REFUSED, WRITTEN_OFF = 0, -1, -2
# For so long a receipt may still tell what became of a part that nobody answered.
FOUND_WITHIN = timedelta(days=3)

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


@dataclass(frozen=True)
class PartAnswer:
    """What the other side answered to one part: 0 and the id that it gave, or why not."""

    part_pk: int
    status: int
    centre_id: str = ""


@dataclass(frozen=True)
class Report:
    """A receipt as it was said: of which number (digits), which id, and what became of it.

    `delivery` is empty while the message is still on its way. `reference` is the number that we
    gave the part, where the centre sends it back. `text` is the beginning of the message and is
    kept nowhere.
    """

    number: str
    centre_id: str
    said: str
    delivery: str
    error: str = ""
    reference: int | None = None
    text: str = ""
    part_pk: int | None = None

    @property
    def recipient(self) -> str:
        return f"+{self.number}"


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
    for answer in answers:
        _record_answer(answer, at)
    for report in reports:
        messages |= _record_report(report, at)
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
        _find_a_receipt(part)
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


def _record_answer(answer: PartAnswer, at: datetime) -> None:
    """The first answer counts; its receipt may have been here before."""
    taken = answer.status == OK
    key = centre_ids.key_of(answer.centre_id) if taken and answer.centre_id else None
    changed = SubmittedPart.objects.filter(pk=answer.part_pk, answered_at=None).update(
        answered_at=at,
        status=answer.status,
        centre_id=answer.centre_id[:65] if key else None,
        centre_key=key and key[:65],
    )
    if changed and key:
        part = SubmittedPart.objects.select_related("message").get(pk=answer.part_pk)
        for receipt in _receipts_without_part(part.message.recipient):
            if key in centre_ids.forms_of(receipt.centre_id):
                _attach(receipt, part)


def _record_report(report: Report, at: datetime) -> set[int]:
    """Keep the receipt, once, with its part if one can be told. Returns the message's id."""
    part = _part_of(report, at)
    fields = {
        "recipient": report.recipient[:21],
        "centre_id": report.centre_id[:65],
        "centre_key": centre_ids.key_of(report.centre_id)[:65],
        "said": report.said[:20],
        "error": report.error[:20],
        "delivery": report.delivery,
    }
    Receipt.objects.bulk_create(
        [Receipt(received_at=at, submitted_part=part, **fields)], ignore_conflicts=True
    )
    if part is None:
        return set()
    _end(part, report.delivery)
    return {part.message_id}


def _part_of(report: Report, at: datetime) -> SubmittedPart | None:
    if report.part_pk is not None:
        return SubmittedPart.objects.filter(pk=report.part_pk).first()
    return _by_id(report) or _unanswered(report, at)


def _by_id(report: Report) -> SubmittedPart | None:
    """The part of that number whose id this is; None when it could be either of two."""
    forms = centre_ids.forms_of(report.centre_id)
    found = list(
        SubmittedPart.objects.filter(
            centre_key__in=forms, message__recipient=report.recipient
        ).order_by("-pk")[:5]
    )
    if len({part.centre_key for part in found}) > 1:
        named = [part for part in found if report.reference == reference_of(part.pk)]
        return named[0] if named else None
    return found[0] if found else None


def _unanswered(report: Report, at: datetime) -> SubmittedPart | None:
    """A part of that number that nobody answered: this receipt is its answer.

    Only if all that are left are of one message, and the receipt's words are its words.
    """
    silent = list(
        SubmittedPart.objects.select_related("message")
        .filter(
            message__recipient=report.recipient,
            answered_at=None,
            silent_at__isnull=False,
            submitted_at__gte=at - FOUND_WITHIN,
        )
        .order_by("pk")
    )
    fitting = [part for part in silent if _is_of(report, part)]
    if not fitting or len({part.message_id for part in fitting}) > 1:
        return None
    _answered_by(fitting[0], report.centre_id, at)
    return fitting[0]


def _is_of(report: Report, part: SubmittedPart) -> bool:
    if report.reference is not None:
        return report.reference == reference_of(part.pk)
    said, text = _skeleton(report.text), part.message.text or ""
    return "•••" in text or said in _skeleton(text)


def _skeleton(text: str) -> str:
    """Letters and digits that every alphabet has, without the head of a part."""
    for head in (r"^\x05\x00\x03...", r"^\x06\x08\x04...."):
        text = re.sub(head, "", text, flags=re.DOTALL)
    return re.sub(r"[^A-Za-z0-9]", "", text)


def _find_a_receipt(part: SubmittedPart) -> None:
    """A receipt that has no part and came after this one left."""
    waiting = [
        receipt
        for receipt in _receipts_without_part(part.message.recipient)
        if receipt.received_at >= part.submitted_at
    ]
    others = SubmittedPart.objects.filter(
        message__recipient=part.message.recipient, answered_at=None
    ).exclude(message=part.message)
    if waiting and not others.exists():
        _answered_by(part, waiting[0].centre_id, waiting[0].received_at)
        for receipt in waiting:
            if receipt.centre_id == waiting[0].centre_id:
                _attach(receipt, part)


def _answered_by(part: SubmittedPart, centre_id: str, at: datetime) -> None:
    """Its receipt proves that it was taken over."""
    SubmittedPart.objects.filter(pk=part.pk, answered_at=None).update(
        answered_at=at,
        status=OK,
        centre_id=centre_id[:65],
        centre_key=centre_ids.key_of(centre_id)[:65],
    )


def _receipts_without_part(recipient: str) -> list[Receipt]:
    return list(Receipt.objects.filter(recipient=recipient, submitted_part=None).order_by("pk"))


def _attach(receipt: Receipt, part: SubmittedPart) -> None:
    if not Receipt.objects.filter(submitted_part=part, said=receipt.said).exists():
        Receipt.objects.filter(pk=receipt.pk, submitted_part=None).update(submitted_part=part)
    _end(part, receipt.delivery)


def _end(part: SubmittedPart, delivery: str) -> None:
    """The first end of a part counts."""
    if delivery in Delivery.values:
        SubmittedPart.objects.filter(pk=part.pk, delivery=None).update(delivery=delivery)


def reference_of(part_pk: int) -> int:
    """Return our number of a part, as far as sixteen bits go (user_message_reference)."""
    return part_pk & 0xFFFF

"""Which part a receipt is of: by its id, or because nobody answered a part and its words fit."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from superfamilja.messages.ledger import centre_ids
from superfamilja.messages.models import Delivery, Receipt, SubmittedPart

OK = 0  # the centre's word for "taken over"
# For so long a receipt may still tell what became of a part that nobody answered.
FOUND_WITHIN = timedelta(days=3)


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


Named = dict[str, list[SubmittedPart]]


def by_ids(reports: list[Report]) -> Named:
    """All parts that these receipts may name, newest first, by number."""
    keys = {key for report in reports for key in centre_ids.forms_of(report.centre_id)}
    numbers = {report.recipient for report in reports}
    found: Named = defaultdict(list)
    parts = SubmittedPart.objects.filter(centre_key__in=keys, message__recipient__in=numbers)
    for part in parts.select_related("message").order_by("-pk"):
        found[part.message.recipient].append(part)
    return found


def part_of(report: Report, named: Named, at: datetime) -> SubmittedPart | None:
    """Return the part of this receipt; None when there is none, or it could be either of two."""
    if report.part_pk is not None:
        return SubmittedPart.objects.filter(pk=report.part_pk).first()
    forms = centre_ids.forms_of(report.centre_id)
    found = [part for part in named.get(report.recipient, ()) if part.centre_key in forms]
    if len({part.centre_key for part in found}) > 1:  # it could be either of two
        found = [part for part in found if report.reference == reference_of(part.pk)]
        return found[0] if found else None
    return found[0] if found else _unanswered(report, at)


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


def find_a_receipt(part: SubmittedPart) -> None:
    """A receipt that has no part and came after this one left."""
    waiting = [
        receipt
        for receipt in receipts_without_part({part.message.recipient})
        if receipt.received_at >= part.submitted_at
    ]
    others = SubmittedPart.objects.filter(
        message__recipient=part.message.recipient, answered_at=None
    ).exclude(message=part.message)
    if waiting and not others.exists():
        _answered_by(part, waiting[0].centre_id, waiting[0].received_at)
        for receipt in waiting:
            if receipt.centre_id == waiting[0].centre_id:
                attach(receipt, part)


def _answered_by(part: SubmittedPart, centre_id: str, at: datetime) -> None:
    """Its receipt proves that it was taken over."""
    SubmittedPart.objects.filter(pk=part.pk, answered_at=None).update(
        answered_at=at,
        status=OK,
        centre_id=centre_id[:65],
        centre_key=centre_ids.key_of(centre_id)[:65],
    )


def receipts_without_part(recipients: set[str]) -> list[Receipt]:
    """Return the receipts to these numbers that have no part yet, the oldest first."""
    found = Receipt.objects.filter(recipient__in=recipients, submitted_part=None)
    return list(found.order_by("pk"))


def attach(receipt: Receipt, part: SubmittedPart) -> None:
    """Give a receipt that had no part its part, and the part its end."""
    if not Receipt.objects.filter(submitted_part=part, said=receipt.said).exists():
        Receipt.objects.filter(pk=receipt.pk, submitted_part=None).update(submitted_part=part)
    end([part.pk], receipt.delivery)


def end(part_pks: list[int], delivery: str) -> None:
    """The first end of a part counts."""
    if part_pks and delivery in Delivery.values:
        SubmittedPart.objects.filter(pk__in=part_pks, delivery=None).update(delivery=delivery)


def reference_of(part_pk: int) -> int:
    """Return our number of a part, as far as sixteen bits go (user_message_reference)."""
    return part_pk & 0xFFFF

"""Ask, complain, answer, close and recognise: questions and complaints about charges.

A question (sqarim) may become a complaint (ankesë) until 15 days after the bill. Either is answered
within 15 days. Messages are appended and never edited. Staff record what a payer tells them
(`actor`), with a reason. Each verb takes a key; repeating a call with the same key adds nothing
(R21).
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from billing.models import (
    CarriedCharge,
    Charge,
    Credit,
    Dispute,
    DisputeMessage,
    IssuedFile,
    ParkedEntry,
    Recognition,
    Reversal,
    Said,
)
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.messages import outbox
from superfamilja.messages.outbox import sms_of
from superfamilja.refusal import Refusal
from superfamilja.values import texts
from superfamilja.values.months import local_date

COMPLAINED_WITHIN = timedelta(days=15)
_LONGEST = 2000


class NothingSaid(Refusal):
    rule = "questions"
    code = "nothing_said"
    sentence = gettext_noop("Write what it is about, in at most 2,000 characters.")


class TooLateToComplain(Refusal):
    rule = "questions"
    code = "too_late_to_complain"
    sentence = gettext_noop(
        "A complaint about this charge was possible until %(until)s, 15 days after its bill. The "
        "question stays open and is answered."
    )

    def shown(self) -> dict[str, Any]:
        return {"until": f"{date.fromisoformat(self.details['until']):%d.%m.%Y}"}


class AlreadyAComplaint(Refusal):
    rule = "questions"
    code = "already_a_complaint"
    sentence = gettext_noop("%(reference)s already is a complaint.")


class DisputeClosed(Refusal):
    rule = "questions"
    code = "dispute_closed"
    sentence = gettext_noop(
        "%(reference)s is closed. A new question can be asked about the charge."
    )


class NotAnsweredYet(Refusal):
    rule = "questions"
    code = "not_answered_yet"
    sentence = gettext_noop("%(reference)s waits for an answer. Answer it before you close it.")


class CorrectionOfAnotherCharge(Refusal):
    rule = "R13"
    code = "correction_of_another_charge"
    sentence = gettext_noop("This credit or reversal belongs to another charge.")


class DisputeKeyUsed(Refusal):
    rule = "R21"
    code = "dispute_key_used"
    sentence = gettext_noop("This request was already used for something else. Begin anew.")


def recognise(
    *, charge: Charge, at: datetime, actor: User | None = None, reason: str = ""
) -> Recognition:
    """Record that the payer knows this charge; a repetition changes nothing.

    Raise ReasonMissing.
    """
    acts.require_reason(actor, reason)
    known, _is_new = Recognition.objects.get_or_create(
        charge=charge,
        defaults={"contract_id": charge.contract_id, "recognised_at": at, "recorded_by": actor},
    )
    return known


@transaction.atomic
def ask(
    *,
    charge: Charge,
    text: str,
    key: str,
    at: datetime,
    actor: User | None = None,
    reason: str = "",
) -> Dispute:
    """Open a question about a charge, or add a message to the open one.

    Raises NothingSaid, DisputeKeyUsed, ReasonMissing.
    """
    acts.require_reason(actor, reason)
    text = _something(text)
    charge = Charge.objects.select_for_update(no_key=True).get(pk=charge.pk)
    if earlier := _earlier(charge.contract_id, key):
        return _same(earlier, Said.QUESTION, text, charge_id=charge.pk)
    dispute = Dispute.objects.select_for_update().filter(charge=charge, closed_at=None).first()
    if dispute is None:
        dispute = Dispute.objects.create(
            contract_id=charge.contract_id,
            charge=charge,
            opened_at=at,
            taken_down_by=actor,
            waiting_since=at,
        )
    _write(dispute, Said.QUESTION, text, key=key, at=at, author=actor)
    _wait(dispute, at)
    _record("ask_question", dispute, at=at, actor=actor, reason=reason)
    return dispute


@transaction.atomic
def make_complaint(
    *,
    dispute: Dispute,
    text: str,
    key: str,
    at: datetime,
    actor: User | None = None,
    reason: str = "",
) -> Dispute:
    """Turn the question into a complaint, until 15 days after the charge's bill.

    Its clock goes on, or begins anew if the question was answered. Raises NothingSaid,
    DisputeClosed, AlreadyAComplaint, TooLateToComplain, DisputeKeyUsed, ReasonMissing.
    """
    acts.require_reason(actor, reason)
    text = _something(text)
    dispute = _locked(dispute)
    if earlier := _earlier(dispute.contract_id, key):
        return _same(earlier, Said.COMPLAINT, text, charge_id=dispute.charge_id)
    require_complainable(dispute, at)
    _write(dispute, Said.COMPLAINT, text, key=key, at=at, author=actor)
    dispute.complained_at = max(at, dispute.opened_at)
    dispute.save(update_fields=["complained_at"])
    _wait(dispute, at)
    _record("make_complaint", dispute, at=at, actor=actor, reason=reason)
    return dispute


@transaction.atomic
def answer(
    *,
    dispute: Dispute,
    text: str,
    key: str,
    at: datetime,
    actor: User,
    correction: Credit | Reversal | None = None,
) -> Dispute:
    """Answer for the operator; the text is also the act's reason.

    The answer may name the credit or the reversal that was given through its own verb. An SMS tells
    the payer about it. Raises NothingSaid, DisputeClosed, CorrectionOfAnotherCharge,
    DisputeKeyUsed.
    """
    text = _something(text)
    dispute = _locked(dispute)
    if earlier := _earlier(dispute.contract_id, key):
        return _same(earlier, Said.ANSWER, text, charge_id=dispute.charge_id)
    require_open(dispute)
    if correction is not None and correction.charge_id != dispute.charge_id:
        raise CorrectionOfAnotherCharge
    message = _write(dispute, Said.ANSWER, text, key=key, at=at, author=actor, **_named(correction))
    dispute.waiting_since = None
    dispute.save(update_fields=["waiting_since"])
    _record("answer_question", dispute, at=at, actor=actor, reason=text)
    _tell(dispute, message, at)
    return dispute


@transaction.atomic
def close(
    *, dispute: Dispute, at: datetime, actor: User | None = None, reason: str = ""
) -> Dispute:
    """Close a question: the payer at any time, staff only after an answer.

    Closing again changes nothing. Raises NotAnsweredYet, ReasonMissing.
    """
    acts.require_reason(actor, reason)
    dispute = _locked(dispute)
    if dispute.closed_at is not None:
        return dispute
    if actor is not None:
        require_answered(dispute)
    dispute.waiting_since, dispute.closed_at = None, max(at, dispute.opened_at)
    dispute.closed_by, dispute.closed_reason = actor, reason.strip()
    dispute.save(update_fields=["waiting_since", "closed_at", "closed_by", "closed_reason"])
    _record("close_question", dispute, at=at, actor=actor, reason=reason)
    return dispute


def require_complainable(dispute: Dispute, at: datetime) -> None:
    """Raise what `make_complaint` refuses: DisputeClosed, AlreadyAComplaint, TooLateToComplain."""
    require_open(dispute)
    if dispute.is_complaint:
        raise AlreadyAComplaint(reference=dispute.reference)
    until = complaint_until(dispute.charge)
    if until is not None and local_date(at) > until:
        raise TooLateToComplain(until=until.isoformat())


def require_answered(dispute: Dispute) -> None:
    """Raise NotAnsweredYet while the Fixed Leader waits, because then staff may not close it."""
    if dispute.waiting_since is not None:
        raise NotAnsweredYet(reference=dispute.reference)


def require_open(dispute: Dispute) -> None:
    """Raise DisputeClosed when the question takes no more messages."""
    if dispute.closed_at is not None:
        raise DisputeClosed(reference=dispute.reference)


def complaint_until(charge: Charge) -> date | None:
    """Return the last day for a complaint: 15 days after the file with its bill was issued.

    Return None while no file was issued; a complaint is then possible in any case.
    """
    issued = _issued_at(charge)
    return local_date(issued) + COMPLAINED_WITHIN if issued else None


def _issued_at(charge: Charge) -> datetime | None:
    """Return when the bill with this charge was issued (R22, R29)."""
    carried = CarriedCharge.objects.in_force().filter(charge=charge).first()
    month = carried.into_month if carried else charge.month
    if month is None:
        return None
    parked = (
        ParkedEntry.objects.in_force()
        .filter(contract=charge.contract_id, month=month)
        .select_related("issued_in")
        .order_by("-pk")
        .first()
    )
    if parked is not None:
        return parked.issued_in.issued_at if parked.issued_in else None
    file = IssuedFile.objects.filter(month=month, number=0).first()
    return file.issued_at if file else None


def _something(text: str) -> str:
    text = texts.clean_lines(text)
    if not 0 < len(text) <= _LONGEST:
        raise NothingSaid
    return text


def _locked(dispute: Dispute) -> Dispute:
    return (
        Dispute.objects.select_for_update(of=("self",))
        .select_related("charge", "contract")
        .get(pk=dispute.pk)
    )


def _earlier(contract_id: int, key: str) -> DisputeMessage | None:
    found = DisputeMessage.objects.select_related("dispute")
    return found.filter(contract_id=contract_id, key=key).first()


def _same(earlier: DisputeMessage, said: Said, text: str, *, charge_id: int) -> Dispute:
    """R21: return the message of this key. Raise DisputeKeyUsed if the key had another use."""
    if (earlier.said, earlier.text, earlier.dispute.charge_id) != (said, text, charge_id):
        raise DisputeKeyUsed
    return earlier.dispute


def _write(
    dispute: Dispute,
    said: Said,
    text: str,
    *,
    key: str,
    at: datetime,
    author: User | None,
    **corrected: Any,
) -> DisputeMessage:
    return DisputeMessage.objects.create(
        contract_id=dispute.contract_id,
        dispute=dispute,
        said=said,
        said_at=at,
        author=author,
        text=text,
        key=key,
        **corrected,
    )


def _named(correction: Credit | Reversal | None) -> dict[str, Credit | Reversal]:
    if correction is None:
        return {}
    return {"credit" if isinstance(correction, Credit) else "reversal": correction}


def _wait(dispute: Dispute, at: datetime) -> None:
    """Run the clock from the oldest message without an answer."""
    if dispute.waiting_since is None:
        dispute.waiting_since = at
        dispute.save(update_fields=["waiting_since"])


def _record(verb: str, dispute: Dispute, *, at: datetime, actor: User | None, reason: str) -> None:
    acts.record(
        verb,
        actor=actor,
        at=at,
        contract_number=dispute.contract.number,
        reason=reason,
        question=dispute.reference,
        charge=dispute.charge.reference,
    )


def _tell(dispute: Dispute, message: DisputeMessage, at: datetime) -> None:
    contract = dispute.contract
    told = sms_of(
        contract,
        contract.contact_msisdn,
        "question_answered",
        {
            "reference": dispute.reference,
            "charge": dispute.charge.reference,
            "complaint": dispute.is_complaint,
        },
        about=f"{dispute.reference}/{message.pk}",
    )
    outbox.write([told], at=at)

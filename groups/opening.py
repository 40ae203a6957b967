"""Open a customer for a task or a reason, and record which (docs/adr/0019).

The pages that ask for it are in groups/pages/opening.py.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from groups.models import Contract
from superfamilja.accounts.models import User
from superfamilja.audit import acts, reasons
from superfamilja.audit.models import Act

OPENED = "open_customer"
OPEN_FOR = timedelta(minutes=15)
REASON = "reason"


@dataclass(frozen=True)
class Task:
    """Why a customer may be opened: `how` they were found, or which task waits for them.

    For a reason, `why` is its kind (WhyOpened), and `reference` is the reference of this customer
    that the reason names, if any.
    """

    how: str
    reference: str = ""
    why: str = ""


class WhyOpened(TextChoices):
    """Kinds of reasons. The audit keeps their codes, so that they can be counted."""

    LETTER = "letter", _("a complaint by letter or e-mail")
    AUTHORITY = "authority", _("a request of a court or an authority")
    AUDIT = "audit", _("a sample of an audit")
    BILL_ERROR = "bill_error", _("an error in a bill or a charge")
    FAULT = "fault", _("a fault that was reported")
    CALL_BACK = "call_back", _("the customer asked to be called back")
    OTHER = "other", _("another reason")


def is_open_to(actor: User, contract: Contract, at: datetime) -> bool:
    """Return whether this person opened the customer within the last quarter of an hour."""
    return Act.objects.filter(
        contract_number=contract.number, at__gt=at - OPEN_FOR, verb=OPENED, actor=actor
    ).exists()


@transaction.atomic
def open_customer(
    *, contract: Contract, actor: User, at: datetime, task: Task, reason: str = ""
) -> None:
    """Record who opens whom and why, once a quarter of an hour for any number of pages.

    Raises ReasonMissing or ReasonTooThin when `task` is a reason without words.
    """
    if task.how == REASON:
        _require_why(task, reason)
    # Requests of the same person wait for each other; other people do not wait.
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    if is_open_to(actor, contract, at):
        return
    said = {"reference": task.reference, "why": task.why}
    more = {name: value for name, value in said.items() if value}
    acts.record(
        OPENED,
        actor=actor,
        at=at,
        contract_number=contract.number,
        reason=reason,
        how=task.how,
        **more,
    )


def _require_why(task: Task, reason: str) -> None:
    if task.why not in WhyOpened.values or not reason.strip():
        raise acts.ReasonMissing
    if not task.reference:
        reasons.require_sentence(reason)

"""Ask in the portal to close a month; the worker carries it out (ADR 0010).

A million entries take about a minute, which is longer than a browser or a proxy waits. So the page
stores who asks and why; the worker closes and stores how it ended.
"""

import logging
from dataclasses import asdict
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from billing import charges
from billing.models import CloseRequest
from billing.month import closing
from billing.month.figures import Figures
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.data.database import constraint_of
from superfamilja.refusal import Refusal
from superfamilja.values.months import month_label

log = logging.getLogger(__name__)


class MonthClosedBefore(Refusal):
    rule = "R13"
    code = "month_closed_before"
    sentence = gettext_noop("Month %(month)s was closed before; nothing changed.")


class CloseAskedAlready(Refusal):
    rule = "R13"
    code = "close_asked_already"
    sentence = gettext_noop("Somebody has asked to close month %(month)s already; wait for it.")


class CloseFailed(Refusal):
    rule = "R13"
    code = "close_failed"
    sentence = gettext_noop(
        "Closing month %(month)s failed for a technical reason; nothing was changed. Try again; if "
        "it fails again, call whoever runs the portal: the log says why."
    )


class CloseAskedAndRefused(Refusal):
    rule = "R21"
    code = "close_asked_and_refused"
    sentence = gettext_noop(
        "This close was asked for before and did not happen: %(why)s Look at the figures again."
    )

    def shown(self) -> dict[str, str]:
        return {"why": self.details["earlier"].refused_in_words}


@transaction.atomic
def ask(
    *, month: date, expected: Figures, key: str, at: datetime, actor: User, reason: str
) -> CloseRequest:
    """Store that this person asks to close the month with the figures that they have seen.

    The same key is the same request, however often it is sent (R21). Raises MonthUnfinished,
    MonthClosedBefore, CloseAskedAlready, CloseAskedAndRefused, ReasonMissing, AccountHeld.
    """
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    if earlier := CloseRequest.objects.filter(key=key, month=month).first():
        if earlier.refusal:
            raise CloseAskedAndRefused(earlier=earlier)
        return earlier
    closing.require_finished(month, at)
    if charges.is_closed(month):
        raise MonthClosedBefore(month=month_label(month))
    try:
        with transaction.atomic():
            return CloseRequest.objects.create(
                key=key,
                month=month,
                expected=asdict(expected),
                reason=reason.strip(),
                asked_at=at,
                asked_by=actor,
            )
    except IntegrityError as error:
        if constraint_of(error) == "close_asked_once_at_a_time":
            raise CloseAskedAlready(month=month_label(month)) from error
        return CloseRequest.objects.get(key=key)


@transaction.atomic
def carry_out_next(at: datetime) -> CloseRequest | None:
    """Carry out the oldest request that no other worker has; return None when none waits.

    The close and its outcome are one transaction, so the request of a killed worker waits again.
    """
    waiting = CloseRequest.objects.select_for_update(skip_locked=True, of=("self",))
    request = (
        waiting.select_related("asked_by").filter(ended_at=None).order_by("asked_at", "pk").first()
    )
    if request is None:
        return None
    try:
        closing.close_month(
            month=request.month,
            at=at,
            actor=request.asked_by,
            reason=request.reason,
            expected=Figures(**request.expected),
        )
    except Refusal as refusal:
        request.refusal = _in_each_language(refusal)
    except Exception:
        # Record every error, because a request that never ends would block the queue forever.
        log.exception("Closing %s failed.", request)
        request.refusal = _in_each_language(CloseFailed(month=month_label(request.month)))
    request.ended_at = at
    request.save(update_fields=["ended_at", "refusal"])
    return request


def latest(month: date) -> CloseRequest | None:
    """Return the last request for this month, or None."""
    requests = CloseRequest.objects.select_related("asked_by").filter(month=month)
    return requests.order_by("-asked_at", "-pk").first()


def _in_each_language(refusal: Refusal) -> dict[str, str]:
    return {code: refusal.text(code) for code, _name in settings.LANGUAGES}

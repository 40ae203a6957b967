"""Record an act beside the fact that it made."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from superfamilja.accounts.models import User
from superfamilja.audit.models import Act
from superfamilja.refusal import Refusal

SYSTEM = "system"


class ReasonMissing(Refusal):
    """Staff say why, every time."""

    rule = "R2"
    code = "reason_missing"
    sentence = gettext_noop("Write the reason: it stands in the history beside your name.")


def require_reason(actor: User | None, reason: str) -> None:
    """Staff give a reason; the system's reason is its own. Raises ReasonMissing."""
    if actor is not None and not reason.strip():
        raise ReasonMissing


def record(
    verb: str,
    *,
    actor: User | None,
    at: datetime,
    contract_number: str = "",
    reason: str = "",
    **details: Any,
) -> Act:
    """Write one act. Called inside the transaction of the fact itself."""
    return Act.objects.create(
        at=at,
        actor=actor,
        actor_name=actor.shown_name if actor else SYSTEM,
        verb=verb,
        contract_number=contract_number,
        reason=reason.strip(),
        details=details,
    )

"""Record an act in the transaction of the fact that it made."""

from datetime import datetime
from typing import Any, Protocol, cast

from django.utils.translation import gettext_noop

from superfamilja.audit.models import Act
from superfamilja.refusal import Refusal

SYSTEM = "system"


class Actor(Protocol):
    """The account of staff that acts; this room knows no more about it."""

    pk: Any

    @property
    def shown_name(self) -> str: ...


class ReasonMissing(Refusal):
    """Staff give a reason for every act."""

    rule = "R2"
    code = "reason_missing"
    sentence = gettext_noop("Write the reason: it stands in the history beside your name.")


def require_reason(actor: Actor | None, reason: str) -> None:
    """Return the reason of staff; the system needs none. Raise ReasonMissing."""
    if actor is not None and not reason.strip():
        raise ReasonMissing


def record(
    verb: str,
    *,
    actor: Actor | None,
    at: datetime,
    contract_number: str = "",
    reason: str = "",
    **details: Any,
) -> Act:
    """Write one act. The caller's transaction holds the fact itself."""
    return Act.objects.create(
        at=at,
        actor=cast(Any, actor),
        actor_name=actor.shown_name if actor else SYSTEM,
        verb=verb,
        contract_number=contract_number,
        reason=reason.strip(),
        details=details,
    )

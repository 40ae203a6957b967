"""Write SMS in the transaction of their fact: one statement, nothing is sent here (R23)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from superfamilja.data.database import prepared
from superfamilja.messages import templates
from superfamilja.messages.templates import Facts

__all__ = [
    "ContractTold",
    "Facts",
    "Sms",
    "newest",
    "roles_by_number",
    "sms_of",
    "withdraw",
    "write",
]

# The statement returns nothing, so that it can travel in one batch with its neighbours. It skips a
# fact that this number has been sent already (the index message_a_fact_a_number_once).
_WRITE = """
INSERT INTO outbox_outgoingmessage (
    recipient, template, language, parameters, why, about, contract_number,
    written_at, due_at, next_attempt_at, expires_at, need, state, attempts, last_error)
SELECT m."to", m.template, m.language, m.parameters, m.why, m.about, m.contract_number,
       %(at)s::timestamptz, greatest(m.due_at, %(at)s::timestamptz),
       greatest(m.due_at, %(at)s::timestamptz), m.expires_at, m.need, 'queued', 0, ''
FROM jsonb_to_recordset(%(messages)s::jsonb) AS m(
    "to" text, template text, language text, parameters jsonb, why text, about text,
    contract_number text, due_at timestamptz, expires_at timestamptz, need smallint)
ON CONFLICT (about, why, recipient) WHERE NOT (about = '') DO NOTHING
"""

_WITHDRAW = """
UPDATE outbox_outgoingmessage SET state = 'failed', last_error = 'withdrawn'
WHERE about = %(about)s AND why = %(why)s AND NOT (about = '') AND state = 'queued'
"""


@dataclass(frozen=True)
class Sms:
    """A message to write: a template's name and the facts for it, frozen.

    `to` is a mobile number (E.164). `why` says what caused it ("activation"), `about` which one
    (KN-7QX-4PW-R2AR). Together they are the fact, which each number is sent once; messages with an
    empty `about` are never the same fact. Facts are texts, whole numbers (amounts in Lek), True or
    False; raises TypeError for others. It is sent neither before `due_at` nor from `expires_at` on.
    """

    to: str
    template: str
    language: str
    why: str
    about: str
    contract_number: str
    parameters: Facts = field(default_factory=dict)
    due_at: datetime | None = None
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        for name, fact in self.parameters.items():
            if not isinstance(fact, str | int):
                raise TypeError(f"{self.template}: {name} is neither a text nor a whole number.")


class ContractTold(Protocol):
    """What messages need of a contract: the language it reads, and its number."""

    @property
    def language(self) -> str: ...

    @property
    def number(self) -> str: ...


def sms_of(
    contract: ContractTold,
    to: str,
    template: str,
    facts: Facts,
    *,
    about: str,
    why: str = "",
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> Sms:
    """Return an SMS about this contract, in its language. `why` is the template unless given."""
    return Sms(
        to=to,
        template=template,
        language=contract.language,
        why=why or template,
        about=about,
        contract_number=contract.number,
        parameters=facts,
        due_at=due_at,
        expires_at=expires_at,
    )


def roles_by_number(roles: Mapping[str, str]) -> dict[str, dict[str, bool]]:
    """Return each number once, with the roles that it has (R23: one number, one fact, one SMS).

    A role without a number gets no message.
    """
    return {
        number: {role: number == to for role, to in roles.items()}
        for number in dict.fromkeys(filter(None, roles.values()))
    }


def write(messages: Sequence[Sms], *, at: datetime) -> None:
    """Queue all messages in one statement, in the caller's transaction."""
    if not messages:
        return
    rows = [_row(message) for message in messages]
    with prepared() as cursor:
        cursor.execute(_WRITE, {"messages": json.dumps(rows, default=datetime.isoformat), "at": at})


def _row(message: Sms) -> dict[str, Any]:
    return {
        "to": message.to,
        "template": message.template,
        "language": message.language,
        "why": message.why,
        "about": message.about,
        "contract_number": message.contract_number,
        "parameters": _plain(message.parameters),
        "due_at": message.due_at,
        "expires_at": message.expires_at,
        "need": templates.kind_of(message.template).need,
    }


def _plain(facts: Facts) -> dict[str, str | int]:
    """Return True and False as 1 and 0, because templates test numbers the same way."""
    return {name: int(f) if isinstance(f, bool) else f for name, f in facts.items()}


def newest() -> int:
    """Return the id of the newest message, 0 without any."""
    with prepared() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM outbox_outgoingmessage")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def withdraw(*, about: str, why: str) -> None:
    """Withdraw the unsent messages of this fact, because it is no longer true."""
    with prepared() as cursor:
        cursor.execute(_WITHDRAW, {"about": about, "why": why})

"""What the dialogue asks of the house, and the answers: plain values, nothing of the database."""

from dataclasses import dataclass, field
from datetime import date

from klikon.activation import refusals
from superfamilja.refusal import Refusal

# --- questions: `number` is always the caller's (E.164) -------------------------------------


@dataclass(frozen=True)
class WhoCalls:
    number: str


@dataclass(frozen=True)
class SpeakFromNowOn:
    """The language that was chosen, remembered for the number."""

    number: str
    language: str


@dataclass(frozen=True)
class WhatFits:
    """What this member (E.164) has and may get."""

    number: str
    member: str


@dataclass(frozen=True)
class ThisMonth:
    number: str


@dataclass(frozen=True)
class CheckPin:
    number: str
    pin: str = field(repr=False)


@dataclass(frozen=True)
class Activate:
    """The act. `confirmation` counts the yes of this call: each has a key of its own (R21);
    `charged_lek` is the price that was heard."""

    number: str
    member: str
    package: str
    confirmation: int
    repeat_confirmed: bool
    pin_given: bool
    charged_lek: int


@dataclass(frozen=True)
class Freeze:
    """The Fixed Leader stops his Mobile Leader."""

    number: str


# --- answers ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Refused:
    """A no, in the words of every channel."""

    refusal: Refusal


@dataclass(frozen=True)
class Standstill:
    """Nothing is sold now, whoever calls: the database was restored (R36)."""


@dataclass(frozen=True)
class Member:
    msisdn: str
    name: str


@dataclass(frozen=True)
class LeaderCalls:
    """The Mobile Leader in force: what is left for the group (Lek), and his members in the order of
    the seats."""

    language: str
    room_lek: int
    members: tuple[Member, ...]


@dataclass(frozen=True)
class LeaderMayNot:
    """A Mobile Leader who may activate nothing now, and why."""

    language: str
    refusal: Refusal


@dataclass(frozen=True)
class Line:
    """A charge as it is read out."""

    package: str
    name: str
    charged_lek: int
    on: date


@dataclass(frozen=True)
class PayerCalls:
    """The Fixed Leader's contact mobile. No name: nobody leads."""

    language: str
    leader: str
    is_frozen: bool
    spent_lek: int
    cap_lek: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class SomebodyCalls:
    """Everybody else; `group_closed`: a Mobile Leader whose group was closed."""

    language: str
    group_closed: bool = False


@dataclass(frozen=True)
class Active:
    package: str
    until: date


@dataclass(frozen=True)
class Package:
    """A package that fits; `again` when the member has it already (R25), `elsewhere_lek` where the
    shop is cheaper (R8), `waits` for the payer (R28), `pin` when the terms ask for it."""

    code: str
    name: str
    list_lek: int
    charged_lek: int
    again: refusals.RepeatNotConfirmed | None = None
    elsewhere_lek: int | None = None
    waits: bool = False
    pin: bool = False


@dataclass(frozen=True)
class Fits:
    """What a member has and may get; `too_dear` are names, and `why` the limit that says so;
    `members_limit`: the least room is that of a limit of his own (R27); `has_pin`: where a package
    asks for the PIN, one is set."""

    member: Member
    room_lek: int
    active: tuple[Active, ...]
    packages: tuple[Package, ...]
    too_dear: tuple[str, ...] = ()
    why: refusals.OverALimit | None = None
    members_limit: bool = False
    has_pin: bool = False


@dataclass(frozen=True)
class Lines:
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Right:
    """Done as asked: the language is kept, the PIN is right."""


@dataclass(frozen=True)
class Activated:
    reference: str
    room_lek: int
    arrives_later: bool


@dataclass(frozen=True)
class Frozen:
    leader: str

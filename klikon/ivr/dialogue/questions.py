"""What the dialogue asks of the house, and the answers: plain values, nothing of the database.

A question knows the type of its answer: `CallQuestion[Fits]` is answered by `Fits`, or by a no.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from klikon.activation import refusals
from klikon.activation.waiting import WaitingForTheFixedLeader
from superfamilja.refusal import Refusal

Answer = TypeVar("Answer")
Answer_co = TypeVar("Answer_co", covariant=True)

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
class SpokenCharge:
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
    lines: tuple[SpokenCharge, ...]


@dataclass(frozen=True)
class SomebodyCalls:
    """Everybody else; `group_closed`: a Mobile Leader whose group was closed."""

    language: str
    group_closed: bool = False


Caller = LeaderCalls | LeaderMayNot | PayerCalls | SomebodyCalls


@dataclass(frozen=True)
class ActivePackage:
    package: str
    until: date


@dataclass(frozen=True)
class PackageOnOffer:
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
    active: tuple[ActivePackage, ...]
    packages: tuple[PackageOnOffer, ...]
    too_dear: tuple[str, ...] = ()
    why: refusals.OverALimit | None = None
    members_limit: bool = False
    has_pin: bool = False


@dataclass(frozen=True)
class SpokenCharges:
    """This month's charges that stand, newest first."""

    lines: tuple[SpokenCharge, ...]


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


# --- who answers ------------------------------------------------------------------------------


class House(ABC):
    """Whoever answers a call: a method for each question, which raises its no as a Refusal.

    `answer` is what callers use: it puts a question to its method and returns the no.
    """

    @abstractmethod
    def answer(self, question: "CallQuestion[Answer]") -> Answer | Refused | Standstill: ...

    @abstractmethod
    def who_calls(self, asked: "WhoCalls") -> Caller: ...

    @abstractmethod
    def speak_from_now_on(self, asked: "SpeakFromNowOn") -> Right: ...

    @abstractmethod
    def what_fits(self, asked: "WhatFits") -> Fits: ...

    @abstractmethod
    def this_month(self, asked: "ThisMonth") -> SpokenCharges: ...

    @abstractmethod
    def check_pin(self, asked: "CheckPin") -> Right: ...

    @abstractmethod
    def activate(self, asked: "ActivateByPhone") -> Activated | WaitingForTheFixedLeader: ...

    @abstractmethod
    def freeze(self, asked: "Freeze") -> Frozen: ...


# --- questions: `number` is always the caller's (E.164) -------------------------------------


class CallQuestion(ABC, Generic[Answer_co]):
    """A question of the dialogue, or an act."""

    @abstractmethod
    def put_to(self, house: House) -> Answer_co:
        """Return what the house answers; raise its no."""


@dataclass(frozen=True)
class WhoCalls(CallQuestion[Caller]):
    number: str

    def put_to(self, house: House) -> Caller:
        return house.who_calls(self)


@dataclass(frozen=True)
class SpeakFromNowOn(CallQuestion[Right]):
    """The language that was chosen, remembered for the number."""

    number: str
    language: str

    def put_to(self, house: House) -> Right:
        return house.speak_from_now_on(self)


@dataclass(frozen=True)
class WhatFits(CallQuestion[Fits]):
    """What this member (E.164) has and may get."""

    number: str
    member: str

    def put_to(self, house: House) -> Fits:
        return house.what_fits(self)


@dataclass(frozen=True)
class ThisMonth(CallQuestion[SpokenCharges]):
    number: str

    def put_to(self, house: House) -> SpokenCharges:
        return house.this_month(self)


@dataclass(frozen=True)
class CheckPin(CallQuestion[Right]):
    number: str
    pin: str = field(repr=False)

    def put_to(self, house: House) -> Right:
        return house.check_pin(self)


@dataclass(frozen=True)
class ActivateByPhone(CallQuestion[Activated | WaitingForTheFixedLeader]):
    """The act. `confirmation` counts the yes of this call: each has a key of its own (R21);
    `charged_lek` is the price that was heard."""

    number: str
    member: str
    package: str
    confirmation: int
    repeat_confirmed: bool
    pin_given: bool
    charged_lek: int

    def put_to(self, house: House) -> Activated | WaitingForTheFixedLeader:
        return house.activate(self)


@dataclass(frozen=True)
class Freeze(CallQuestion[Frozen]):
    """The Fixed Leader stops his Mobile Leader."""

    number: str

    def put_to(self, house: House) -> Frozen:
        return house.freeze(self)

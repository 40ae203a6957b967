"""Questions of the dialogue to the house, and the answers, as plain values.

A question knows the type of its answer: `CallQuestion[Fits]` is answered by `Fits` or by a refusal.
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
    """A refusal, in the words of every channel."""

    refusal: Refusal


@dataclass(frozen=True)
class Standstill:
    """Nobody may activate now, because the database was restored (R36)."""


@dataclass(frozen=True)
class Member:
    msisdn: str
    name: str


@dataclass(frozen=True)
class LeaderCalls:
    """The caller is the Mobile Leader in force.

    It holds what is left for the group (Lek), and the members in the order of their seats.
    """

    language: str
    room_lek: int
    members: tuple[Member, ...]


@dataclass(frozen=True)
class LeaderMayNot:
    """The caller is a Mobile Leader who may not activate now, and why."""

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
    """The caller has the Fixed Leader's contact mobile. Without a name nobody leads."""

    language: str
    leader: str
    is_frozen: bool
    spent_lek: int
    cap_lek: int
    lines: tuple[SpokenCharge, ...]


@dataclass(frozen=True)
class SomebodyCalls:
    """The caller is anybody else; `group_closed` marks the Mobile Leader of a closed group."""

    language: str
    group_closed: bool = False


Caller = LeaderCalls | LeaderMayNot | PayerCalls | SomebodyCalls


@dataclass(frozen=True)
class ActivePackage:
    package: str
    until: date


@dataclass(frozen=True)
class PackageOnOffer:
    """A package that fits.

    `again`: the member has it already (R25). `elsewhere_lek`: the shop is cheaper (R8). `waits`:
    the payer is asked first (R28). `pin`: the terms ask for the PIN.
    """

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
    """What a member has and may get.

    `too_dear` holds names and `why` the limit that stops them. `members_limit` is true when the
    member's own limit leaves least (R27). `has_pin` is true when a PIN is set, for packages that
    need it.
    """

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
    """This month's charges that are not reversed, newest first."""

    lines: tuple[SpokenCharge, ...]


@dataclass(frozen=True)
class Right:
    """It is done as asked: the language is stored, the PIN is right."""


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
    """The house: a method for each question; it raises a refusal as a Refusal.

    Callers use `answer`, which puts a question to its method and returns the refusal.
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
    """A question or an act of the dialogue."""

    @abstractmethod
    def put_to(self, house: House) -> Answer_co:
        """Return what the house answers; raise its refusal."""


@dataclass(frozen=True)
class WhoCalls(CallQuestion[Caller]):
    number: str

    def put_to(self, house: House) -> Caller:
        return house.who_calls(self)


@dataclass(frozen=True)
class SpeakFromNowOn(CallQuestion[Right]):
    """Remember the chosen language for the number."""

    number: str
    language: str

    def put_to(self, house: House) -> Right:
        return house.speak_from_now_on(self)


@dataclass(frozen=True)
class WhatFits(CallQuestion[Fits]):
    """Ask what this member (E.164) has and may get."""

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
    """Stop the Mobile Leader, for the Fixed Leader."""

    number: str

    def put_to(self, house: House) -> Frozen:
        return house.freeze(self)

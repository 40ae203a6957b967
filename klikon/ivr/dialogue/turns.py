"""What passes between the dialogue and whoever carries a call: turns, prompts, keys, questions."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from klikon.activation.refusals import ActivationRefused
from superfamilja.refusal import Refusal

OUTCOME_INFORMED = "informed"
OUTCOME_ACTIVATED = "activated"
OUTCOME_WAITING = "waiting"
OUTCOME_REFUSED = "refused"
OUTCOME_FROZEN = "frozen"


@dataclass(frozen=True)
class Say:
    """One prompt: its key in the catalogue with what is filled in, or a refusal's own sentence.

    `stops`: a key pressed meanwhile ends it (barge-in); a price, and that it is once
    more (R25), are always heard to their end.
    """

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    stops: bool = True
    refusal: Refusal | None = None


def say(key: str, **values: Any) -> Say:
    return Say(key, values)


def say_whole(key: str, **values: Any) -> Say:
    """A prompt that no key interrupts, and during which no key counts."""
    return Say(key, values, stops=False)


def say_no(refusal: Refusal) -> Say:
    """A refusal in the words of every channel."""
    return Say(refusal.code, refusal=refusal)


def say_no_whole(refusal: Refusal) -> Say:
    """The same, where a yes to what follows costs money."""
    return Say(refusal.code, stops=False, refusal=refusal)


@dataclass(frozen=True)
class Keys:
    """An answer is wanted: one of `choices`, or ten digits, or a PIN.

    `after_number`: who keyed ten digits often closes them with #, and it means nothing more.
    """

    choices: str = ""
    number: bool = False
    pin: bool = False
    after_number: bool = False


@dataclass(frozen=True)
class Look:
    """A fact is wanted, or an act (klikon/ivr/dialogue/questions.py)."""

    question: Any


@dataclass(frozen=True)
class End:
    """The line ends here; `transfer`: it goes on to customer care."""

    transfer: bool = False


@dataclass(frozen=True)
class Keyed:
    """What was keyed as one answer; empty: nothing in time."""

    keys: str = field(repr=False)  # it may be a PIN


@dataclass(frozen=True)
class Found:
    """The answer to what was looked up."""

    answer: Any


@dataclass(frozen=True)
class Failed:
    """No answer: the database, or we, are in trouble."""


Heard = Keyed | Found | Failed


@dataclass(frozen=True)
class Call:
    """What is true of the whole call.

    `number` is the caller's, as the carrier asserts it (E.164), empty when hidden;
    `care`: customer care can be reached from this line; `outcome` the best so far, and `refusal`
    the newest no, for the register of calls; `confirmations` counts each yes to a price.
    """

    number: str
    care: bool = False
    language: str = "sq"
    missed: int = 0
    entries: int = 0
    confirmations: int = 0
    pin_given: bool = False
    outcome: str = OUTCOME_INFORMED
    refusal: str = ""
    anew: "Place | None" = None  # where another activation begins


class Place(Protocol):
    """Where a call is. Places are values: nothing in them changes."""

    @property
    def name(self) -> str: ...

    def turn(self, call: Call) -> "Turn":
        """What is heard on coming here, and what is wanted then."""

    def chosen(self, call: Call, keys: str) -> "Turn":
        """One of the wanted keys, a number or a PIN was keyed."""

    def found(self, call: Call, answer: Any) -> "Turn":
        """What was looked up came back."""

    def back(self, call: Call) -> "Turn":
        """Where * leads."""


@dataclass(frozen=True)
class Turn:
    """One step of a call: what the caller hears, and what is wanted then."""

    call: Call
    place: Place
    says: tuple[Say, ...]
    wants: Keys | Look | End

    def after(self, *first: Say) -> "Turn":
        """The same, with something said before it."""
        return Turn(self.call, self.place, (*first, *self.says), self.wants)


class Anywhere(ABC):
    """What most places share: what comes unasked changes nothing, and * says it again.

    A place that asks for keys answers them in `chosen`, one that looks something up in `found`.
    """

    name = "anywhere"

    @abstractmethod
    def turn(self, call: Call) -> Turn:
        """What is heard here, and what is wanted then."""

    def chosen(self, call: Call, keys: str) -> Turn:
        return self.turn(call)

    def found(self, call: Call, answer: Any) -> Turn:
        return self.turn(call)

    def back(self, call: Call) -> Turn:
        return self.turn(call)


@dataclass(frozen=True)
class Ending(Anywhere):
    """The last words."""

    says: tuple[Say, ...]
    transfer: bool = False
    name: str = "end"

    def turn(self, call: Call) -> Turn:
        return Turn(call, self, self.says, End(transfer=self.transfer))


def end(call: Call, *says: Say) -> Turn:
    """The last words, with a goodbye."""
    return Ending((*says, say("goodbye"))).turn(call)


def refused(call: Call, refusal: Refusal) -> Call:
    """The call, knowing that something was refused."""
    done = call.outcome in {OUTCOME_ACTIVATED, OUTCOME_WAITING, OUTCOME_FROZEN}
    outcome = call.outcome if done else OUTCOME_REFUSED
    return replace(call, outcome=outcome, refusal=refusal.code)


def closes_the_line(refusal: Refusal) -> bool:
    """Whether nothing more can be activated in this call, whatever is chosen."""
    return isinstance(refusal, ActivationRefused) and refusal.code in {
        "not_the_leader",
        "leader_frozen",
        "contract_suspended",
        "channel_not_allowed",
        "phone_locked",
    }


def told_no(call: Call, refusal: Refusal, go_on: Callable[[Call], Turn]) -> Turn:
    """The no in its words; the end where nothing more can come of this call, else on it goes."""
    call, no = refused(call, refusal), say_no(refusal)
    return end(call, no) if closes_the_line(refusal) else go_on(call).after(no)

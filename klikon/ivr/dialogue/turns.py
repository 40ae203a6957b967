"""The values between the dialogue and the carrier of a call: turns, prompts, keys, questions."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar, Generic

from klikon.activation.refusals import ActivationRefused
from klikon.ivr.dialogue.outcomes import CallOutcome
from klikon.ivr.dialogue.questions import Answer, CallQuestion, House, Refused, Standstill
from superfamilja.refusal import AnswerInWords, Refusal


@dataclass(frozen=True)
class Say:
    """One prompt: its key in the catalogue with what is filled in, or an answer's own sentence.

    With `stops` a key ends it (barge-in). A price and a repetition (R25) are always heard to their
    end.
    """

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    stops: bool = True
    answer: AnswerInWords | None = None


def say(key: str, **values: object) -> Say:
    return Say(key, values)


def say_whole(key: str, **values: object) -> Say:
    """Return a prompt that no key interrupts, and during which no key counts."""
    return Say(key, values, stops=False)


def say_answer(answer: AnswerInWords) -> Say:
    """An answer in the words of every channel."""
    return Say(answer.code, answer=answer)


def say_no(refusal: Refusal) -> Say:
    """A refusal in the words of every channel."""
    return say_answer(refusal)


def say_no_whole(refusal: Refusal) -> Say:
    """The same, where a yes to what follows costs money."""
    return Say(refusal.code, stops=False, answer=refusal)


@dataclass(frozen=True)
class Keys:
    """An answer by keys: one of `choices`, or ten digits, or a PIN.

    `after_number` is true after ten digits, because many people end them with #, which then means
    nothing.
    """

    choices: str = ""
    number: bool = False
    pin: bool = False
    after_number: bool = False


@dataclass(frozen=True)
class Look:
    """A question or an act (klikon/ivr/dialogue/questions.py).

    `put_to` asks the house, which may take time, and returns the place where the call goes on.
    """

    question: CallQuestion[object]
    put_to: Callable[[House], "Answered"]


@dataclass(frozen=True)
class End:
    """The line ends here; with `transfer` it goes on to customer care."""

    transfer: bool = False


@dataclass(frozen=True)
class Keyed:
    """The keys of one answer; empty when none came in time."""

    keys: str = field(repr=False)  # it may be a PIN


@dataclass(frozen=True)
class Answered:
    """The house has answered; `leads` is the place where the call goes on."""

    leads: "Callable[[Call], Turn]"


@dataclass(frozen=True)
class Failed:
    """There is no answer, because the database or this program fails."""


Heard = Keyed | Answered | Failed


@dataclass(frozen=True)
class Call:
    """The facts of the whole call.

    `number` is what the carrier asserts (E.164), empty when hidden. `care` is true when this line
    can reach customer care. `outcome` is the best so far, and `refusal` the newest one, for the
    register of calls. `confirmations` counts each yes to a price.
    """

    number: str
    care: bool = False
    language: str = "sq"
    missed: int = 0
    entries: int = 0
    confirmations: int = 0
    pin_given: bool = False
    outcome: CallOutcome = CallOutcome.INFORMED
    refusal: str = ""
    anew: "Place | None" = None  # the place where another activation begins


class Place(ABC):
    """A place in a call. Places are values and never change.

    `name` is for the register of calls. `is_goodbye` marks the last words: the call was left at the
    place before. `follows_a_yes` is true while the outcome of a yes is unknown.
    """

    name: ClassVar[str]
    is_goodbye: ClassVar[bool] = False
    follows_a_yes: ClassVar[bool] = False

    @abstractmethod
    def turn(self, call: Call) -> "Turn":
        """Return what is heard here, and what is wanted then."""

    def chosen(self, call: Call, keys: str) -> "Turn":
        """Return what follows one of the wanted keys, a number or a PIN."""
        return self.turn(call)

    def back(self, call: Call) -> "Turn":
        """Return the place to which * leads: this one again, unless there is a way back."""
        return self.turn(call)


@dataclass(frozen=True)
class Turn:
    """A step of a call: what the caller hears, and what is wanted then."""

    call: Call
    place: Place
    says: tuple[Say, ...]
    wants: Keys | Look | End

    def after(self, *first: Say) -> "Turn":
        """Return the same turn, with words before it."""
        return Turn(self.call, self.place, (*first, *self.says), self.wants)


class Asking(Place, Generic[Answer]):
    """A place that asks the house, and is silent until the answer comes."""

    @abstractmethod
    def question(self, call: Call) -> CallQuestion[Answer]:
        """Return the question."""

    @abstractmethod
    def found(self, call: Call, answer: Answer) -> Turn:
        """Return what follows the answer."""

    def refused(self, call: Call, refusal: Refusal) -> Turn:
        """Return what follows a refusal: the last words, unless the place goes on."""
        return end(after_a_no(call, refusal), say_no(refusal))

    def turn(self, call: Call) -> Turn:
        question = self.question(call)
        return Turn(call, self, (), Look(question, partial(self._put, question)))

    def _put(self, question: CallQuestion[Answer], house: House) -> Answered:
        return Answered(partial(self._answered, answer=house.answer(question)))

    def _answered(self, call: Call, answer: Answer | Refused | Standstill) -> Turn:
        if isinstance(answer, Standstill):  # R36
            return end(call, say("halted"))
        if isinstance(answer, Refused):
            return self.refused(call, answer.refusal)
        return self.found(call, answer)


@dataclass(frozen=True)
class LastWords(Place):
    """A place at which the line ends after its words."""

    name = "end"
    is_goodbye = True
    says: tuple[Say, ...]

    def turn(self, call: Call) -> Turn:
        return Turn(call, self, self.says, End())


def end(call: Call, *says: Say) -> Turn:
    """Return the last words, with a goodbye."""
    return LastWords((*says, say("goodbye"))).turn(call)


def after_a_no(call: Call, refusal: Refusal) -> Call:
    """Return the call with this refusal noted."""
    outcome = call.outcome if call.outcome.is_done else CallOutcome.REFUSED
    return replace(call, outcome=outcome, refusal=refusal.code)


def closes_the_line(refusal: Refusal) -> bool:
    """Return whether this call can activate nothing more, whatever is chosen."""
    return isinstance(refusal, ActivationRefused) and refusal.stops_the_leader


def told_no(call: Call, refusal: Refusal, go_on: Callable[[Call], Turn]) -> Turn:
    """Return the refusal in its words; end the call if it can achieve nothing more."""
    call, no = after_a_no(call, refusal), say_no(refusal)
    return end(call, no) if closes_the_line(refusal) else go_on(call).after(no)

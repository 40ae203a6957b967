"""What passes between the dialogue and whoever carries a call: turns, prompts, keys, questions."""

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

    `stops`: a key pressed meanwhile ends it (barge-in); a price, and that it is once
    more (R25), are always heard to their end.
    """

    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    stops: bool = True
    answer: AnswerInWords | None = None


def say(key: str, **values: object) -> Say:
    return Say(key, values)


def say_whole(key: str, **values: object) -> Say:
    """A prompt that no key interrupts, and during which no key counts."""
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
    """An answer is wanted: one of `choices`, or ten digits, or a PIN.

    `after_number`: who keyed ten digits often closes them with #, and it means nothing more.
    """

    choices: str = ""
    number: bool = False
    pin: bool = False
    after_number: bool = False


@dataclass(frozen=True)
class Look:
    """A fact is wanted, or an act (klikon/ivr/dialogue/questions.py).

    `put_to` asks the house, which may take a while, and returns where the call goes on.
    """

    question: CallQuestion[object]
    put_to: Callable[[House], "Answered"]


@dataclass(frozen=True)
class End:
    """The line ends here; `transfer`: it goes on to customer care."""

    transfer: bool = False


@dataclass(frozen=True)
class Keyed:
    """What was keyed as one answer; empty: nothing in time."""

    keys: str = field(repr=False)  # it may be a PIN


@dataclass(frozen=True)
class Answered:
    """The house has answered; `leads` is where the call goes on with it."""

    leads: "Callable[[Call], Turn]"


@dataclass(frozen=True)
class Failed:
    """No answer: the database, or we, are in trouble."""


Heard = Keyed | Answered | Failed


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
    outcome: CallOutcome = CallOutcome.INFORMED
    refusal: str = ""
    anew: "Place | None" = None  # where another activation begins


class Place(ABC):
    """Where a call is. Places are values: nothing in them changes.

    `name` stands in the register of calls. `is_goodbye` is true of the last words: the call was
    left at the place before. `follows_a_yes` is true while nobody knows what became of a yes.
    """

    name: ClassVar[str]
    is_goodbye: ClassVar[bool] = False
    follows_a_yes: ClassVar[bool] = False

    @abstractmethod
    def turn(self, call: Call) -> "Turn":
        """Return what is heard on coming here, and what is wanted then."""

    def chosen(self, call: Call, keys: str) -> "Turn":
        """Return what follows one of the wanted keys, a number or a PIN."""
        return self.turn(call)

    def back(self, call: Call) -> "Turn":
        """Return where * leads: the same once more, unless there is a way back."""
        return self.turn(call)


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


class Asking(Place, Generic[Answer]):
    """A place that asks the house: nothing is heard there until it has answered."""

    @abstractmethod
    def question(self, call: Call) -> CallQuestion[Answer]:
        """Return what is asked."""

    @abstractmethod
    def found(self, call: Call, answer: Answer) -> Turn:
        """Return what follows the answer."""

    def refused(self, call: Call, refusal: Refusal) -> Turn:
        """Return what follows a no: the last words, unless the place goes on."""
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
    """The line ends after these words."""

    name = "end"
    is_goodbye = True
    says: tuple[Say, ...]

    def turn(self, call: Call) -> Turn:
        return Turn(call, self, self.says, End())


def end(call: Call, *says: Say) -> Turn:
    """The last words, with a goodbye."""
    return LastWords((*says, say("goodbye"))).turn(call)


def after_a_no(call: Call, refusal: Refusal) -> Call:
    """The call, knowing that something was refused."""
    outcome = call.outcome if call.outcome.is_done else CallOutcome.REFUSED
    return replace(call, outcome=outcome, refusal=refusal.code)


def closes_the_line(refusal: Refusal) -> bool:
    """Whether nothing more can be activated in this call, whatever is chosen."""
    return isinstance(refusal, ActivationRefused) and refusal.stops_the_leader


def told_no(call: Call, refusal: Refusal, go_on: Callable[[Call], Turn]) -> Turn:
    """The no in its words; the end where nothing more can come of this call, else on it goes."""
    call, no = after_a_no(call, refusal), say_no(refusal)
    return end(call, no) if closes_the_line(refusal) else go_on(call).after(no)

"""Tell callers apart: Mobile Leaders go on, Fixed Leaders may stop them, others get information."""

from dataclasses import dataclass, replace

from klikon.ivr.dialogue import questions as ask
from klikon.ivr.dialogue.languages import Speaking, other_language
from klikon.ivr.dialogue.menus import Members, line_of
from klikon.ivr.dialogue.outcomes import CallOutcome
from klikon.ivr.dialogue.turns import (
    Asking,
    Call,
    Keys,
    Place,
    Say,
    Turn,
    after_a_no,
    end,
    say,
    say_no,
)

LINES_READ = 3


@dataclass(frozen=True)
class Arriving(Asking[ask.Caller]):
    """The first moment of a call."""

    name = "arriving"

    def turn(self, call: Call) -> Turn:
        if not call.number:
            return end(call, say("welcome"), say("hidden"))
        return super().turn(call)

    def question(self, call: Call) -> ask.WhoCalls:
        return ask.WhoCalls(call.number)

    def found(self, call: Call, answer: ask.Caller) -> Turn:
        if call.anew is not None:  # after an activation, because what is left has changed
            return _received(call, answer)
        call = replace(call, language=answer.language, anew=self)
        return _received(call, answer).after(say("welcome"))


def _received(call: Call, answer: ask.Caller) -> Turn:
    match answer:
        case ask.LeaderCalls():
            return Members(answer).turn(call).after(say("room", room_lek=answer.room_lek))
        case ask.LeaderMayNot(refusal=refusal):
            return Told((say_no(refusal),)).turn(after_a_no(call, refusal))
        case ask.PayerCalls():
            return Payer(answer).turn(call)
        case ask.SomebodyCalls(group_closed=True):
            return Told((say("group_closed"),)).turn(call)
    return Told(_what_klik_on_is(call)).turn(call)


def _what_klik_on_is(call: Call) -> tuple[Say, ...]:
    """Return the same words for every number that does not lead, so that they reveal nothing."""
    return (
        say("what_klik_on_is"),
        say("how_a_leader_is_named"),
        say("your_number", number_digits=call.number),
    )


@dataclass(frozen=True)
class Told(Place):
    """Words that can be heard again, in the other language, too."""

    name = "told"
    says: tuple[Say, ...]

    def turn(self, call: Call) -> Turn:
        keys = (say("told_keys"), other_language(call))
        return Turn(call, self, (*self.says, *keys), Keys(choices="25"))

    def chosen(self, call: Call, keys: str) -> Turn:
        return Speaking(self).turn(call) if keys == "5" else end(call)


@dataclass(frozen=True)
class Payer(Place):
    """Tell the Fixed Leader who leads, the month and the last charges; 8 stops the leader."""

    name = "payer"
    seen: ask.PayerCalls

    def turn(self, call: Call) -> Turn:
        seen, lines = self.seen, self.seen.lines[:LINES_READ]
        says = [
            say("payer_leader", name=seen.leader) if seen.leader else say("payer_no_leader"),
            say("payer_month", spent_lek=seen.spent_lek, cap_lek=seen.cap_lek),
            *([say("payer_last")] if lines else []),
            *(line_of(line) for line in lines),
        ]
        if seen.is_frozen:
            says.append(say("payer_stopped_already"))
        elif seen.leader:
            says.append(say("payer_stop"))
        choices = "258" if seen.leader and not seen.is_frozen else "25"
        return Turn(
            call, self, (*says, say("told_keys"), other_language(call)), Keys(choices=choices)
        )

    def chosen(self, call: Call, keys: str) -> Turn:
        if keys == "8":
            return Freezing().turn(call)
        return Speaking(self).turn(call) if keys == "5" else end(call)


@dataclass(frozen=True)
class Freezing(Asking[ask.Frozen]):
    name = "freezing"

    def question(self, call: Call) -> ask.Freeze:
        return ask.Freeze(call.number)

    def found(self, call: Call, answer: ask.Frozen) -> Turn:
        stopped = say("payer_stopped", name=answer.leader)
        return end(replace(call, outcome=CallOutcome.FROZEN), stopped)

"""The call to 130 as a dialogue: a turn and what was heard in, the next turn out. Pure.

It needs no line, voice, database or clock. The carrier of a call plays what a turn says, gets what
it wants, and gives that to `hear`. Every call ends, at the latest after three missed answers in a
row or too many in all.
"""

from dataclasses import replace

from klikon.ivr.dialogue.callers import Arriving
from klikon.ivr.dialogue.turns import (
    Answered,
    Call,
    End,
    Failed,
    Heard,
    Keyed,
    Keys,
    Look,
    Place,
    Turn,
    end,
    say,
)

MISSED_AT_MOST = 3
ENTRIES_AT_MOST = 60
ALBANIAN, ENGLISH = "sq", "en"


def begin(number: str, *, care: bool = False) -> Turn:
    """Begin a call; `number` is what the carrier asserts (E.164), empty when hidden."""
    return Arriving().turn(Call(number, care=care))


def hear(turn: Turn, heard: Heard) -> Turn:
    """Return the next turn. A hang-up needs none, because only confirmed acts happen."""
    match turn.wants, heard:
        case _, Failed():
            return _sorry(turn)
        case Look(), Answered(leads):
            return leads(turn.call)
        case Keys() as wants, Keyed(keys):
            return _keyed(turn, wants, keys)
    raise ValueError(f"{heard} is not what {turn.place.name} wants.")


def _keyed(turn: Turn, wants: Keys, keys: str) -> Turn:
    call, place = replace(turn.call, entries=turn.call.entries + 1), turn.place
    if call.entries > ENTRIES_AT_MOST:
        return end(call, say("too_long"))
    if _is_wanted(wants, keys):
        return _after_number(place.chosen(replace(call, missed=0), keys), keys)
    if keys == "0" and not wants.pin:
        return Care().turn(call)
    if keys == "#":
        return place.turn(call)
    if keys == "*":
        return place.back(call)
    return _after_number(_missed(turn, call, keys), keys)


def _is_wanted(wants: Keys, keys: str) -> bool:
    if wants.pin:
        return keys.isdecimal() and 4 <= len(keys) <= 6
    if len(keys) == 1:
        return keys in wants.choices
    return wants.number and len(keys) == 10 and keys.isdecimal()


def _after_number(turn: Turn, keys: str) -> Turn:
    """Let a # after ten digits mean nothing, because many people end a number with it."""
    if len(keys) == 10 and isinstance(turn.wants, Keys):
        return replace(turn, wants=replace(turn.wants, after_number=True))
    return turn


def _missed(turn: Turn, call: Call, keys: str) -> Turn:
    """Say at the first and second miss what went wrong; end politely at the third."""
    call = replace(call, missed=call.missed + 1)
    wrong = say("not_understood" if keys else "nothing_heard")
    if call.missed == MISSED_AT_MOST:
        return end(call, wrong, say("gave_up"))
    return turn.place.turn(call).after(wrong, say("help"))


class Care(Place):
    """Customer care: the call ends here, or is transferred."""

    name = "care"

    def turn(self, call: Call) -> Turn:
        if call.care:
            return Turn(call, self, (say("care"),), End(transfer=True))
        return Turn(call, self, (say("no_care"), say("goodbye")), End())


def _sorry(turn: Turn) -> Turn:
    return end(turn.call, say("sorry_after_yes" if turn.place.follows_a_yes else "sorry"))

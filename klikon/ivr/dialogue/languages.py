"""The other language, at a key, remembered for the number."""

from dataclasses import dataclass, replace
from typing import Any

from klikon.ivr.dialogue import questions as ask
from klikon.ivr.dialogue.turns import Anywhere, Call, Look, Place, Say, Turn, say

KEY = "5"


@dataclass(frozen=True)
class Speaking(Anywhere):
    """The other language from here on, and the next time this number calls."""

    place: Place
    name: str = "language"

    def turn(self, call: Call) -> Turn:
        language = "sq" if call.language == "en" else "en"
        call = replace(call, language=language)
        return Turn(call, self, (), Look(ask.SpeakFromNowOn(call.number, language)))

    def found(self, call: Call, answer: Any) -> Turn:
        return self.place.turn(call)


def other_language(call: Call) -> Say:
    """How to change it, said in the language that it changes to."""
    return say("to_albanian" if call.language == "en" else "to_english")

"""Switch to the other language at a key, and remember it for the number."""

from dataclasses import dataclass, replace

from klikon.ivr.dialogue import questions as ask
from klikon.ivr.dialogue.turns import Asking, Call, Place, Say, Turn, say
from superfamilja.refusal import Refusal

KEY = "5"


@dataclass(frozen=True)
class Speaking(Asking[ask.Right]):
    """Speak the other language from here on, and the next time this number calls."""

    name = "language"
    place: Place

    def turn(self, call: Call) -> Turn:
        return super().turn(replace(call, language="sq" if call.language == "en" else "en"))

    def question(self, call: Call) -> ask.SpeakFromNowOn:
        return ask.SpeakFromNowOn(call.number, call.language)

    def found(self, call: Call, answer: ask.Right) -> Turn:
        return self.place.turn(call)

    def refused(self, call: Call, refusal: Refusal) -> Turn:
        """Keep the language for this call, even if it cannot be remembered."""
        return self.place.turn(call)


def other_language(call: Call) -> Say:
    """Return how to change the language, said in that language."""
    return say("to_albanian" if call.language == "en" else "to_english")

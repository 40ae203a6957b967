"""A caller with a list of keys, on a line of dialogue and key entry only."""

from typing import Any

from klikon.ivr.dialogue import dialogue
from klikon.ivr.dialogue.entry import Entry
from klikon.ivr.dialogue.questions import House
from klikon.ivr.dialogue.turns import End, Failed, Heard, Keyed, Keys, Look, Say, Turn
from klikon.ivr.voice.speech import sentences

SILENCE = "."


class Phoned:
    """The call so far: the prompts heard, the place, and the questions to the house.

    Keys are pressed one after the other, each when one is wanted; `.` lets time pass.
    """

    def __init__(self, house: House, number: str = "+355670000001", *, care: bool = False) -> None:
        self._house = house
        self.asked: list[Any] = []
        self.said: list[Say] = []
        self.heard: list[str] = []
        self.words: list[str] = []
        self.path: list[str] = []
        self.turn = dialogue.begin(number, care=care)
        self._arrive()

    @property
    def is_over(self) -> bool:
        return isinstance(self.turn.wants, End)

    def press(self, keys: str) -> "Phoned":
        waiting = list(keys)
        while waiting and not self.is_over:
            assert isinstance(self.turn.wants, Keys)
            entry = Entry(self.turn.wants)
            while waiting:
                key = waiting.pop(0)
                if key == SILENCE or entry.press(key):
                    break
            self._go_on(Keyed(entry.keys))
        return self

    def new_words(self) -> str:
        """Return the words since the last time."""
        text, self.words = " ".join(self.words), []
        return text

    def _go_on(self, heard: Any) -> None:
        self.turn = dialogue.hear(self.turn, heard)
        self._arrive()

    def _arrive(self) -> None:
        self._note(self.turn)
        while isinstance(self.turn.wants, Look):
            look = self.turn.wants
            self.asked.append(look.question)
            try:
                heard: Heard = look.put_to(self._house)
            except ConnectionError:
                heard = Failed()
            self.turn = dialogue.hear(self.turn, heard)
            self._note(self.turn)

    def _note(self, turn: Turn) -> None:
        self.path.append(turn.place.name)
        for said in turn.says:
            self.said.append(said)
            self.heard.append(said.key)
            self.words += [s.text for s in sentences(said, turn.call.language)]

"""Turn keys into one answer: when it is complete, and how long to wait for the next key."""

from klikon.ivr.dialogue.turns import Keys

FIRST = 5.0  # seconds for the first key, after the prompts
CARE = 2.0  # 0 and this much silence means customer care; 06… is a number
NEXT = 4.0
NUMBER_DIGITS = 10
PIN_DIGITS = 6


class Entry:
    """The keys of one answer."""

    def __init__(self, wants: Keys) -> None:
        self._wants = wants
        self.keys = ""

    def press(self, key: str) -> bool:
        """Take a key; return True when the answer is complete."""
        if key == "#" and not self.keys and self._wants.after_number:
            return False
        if self._wants.pin:
            return self._press_pin(key)
        self.keys += key
        if key == "*":
            self.keys = "*"
            return True
        if self._is_number():
            return len(self.keys) == NUMBER_DIGITS or key == "#"
        return self.keys != "0"

    @property
    def patience(self) -> float:
        """Return the seconds after which the keys so far are the answer."""
        if not self.keys:
            return FIRST
        return CARE if self.keys == "0" and not self._wants.pin else NEXT

    def _is_number(self) -> bool:
        return self._wants.number and self.keys[0] == "0"

    def _press_pin(self, key: str) -> bool:
        if key == "#":
            self.keys = self.keys or "#"
            return True
        self.keys = "*" if key == "*" else self.keys + key
        return key == "*" or len(self.keys) == PIN_DIGITS


def stopping(wants: object) -> str:
    """Return the keys that end a prompt before this answer."""
    if not isinstance(wants, Keys):
        return ""
    return "0123456789*" if wants.after_number else "0123456789*#"

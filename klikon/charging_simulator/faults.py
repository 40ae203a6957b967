"""How the simulator behaves: one mode at a time, set over HTTP."""

from dataclasses import dataclass
from typing import Any

MODES = {
    "fine": "takes every order, gives the package, says so",
    "slow": "the same, after `seconds`",
    "down": "takes nothing: 503 at once",
    "cut": "drops every connection before it looks",
    "fail": "refuses for good, for the reason `code`",
    "silent": "gives the package and drops the connection without an answer",
    "twice": "answers, and tells the same again by two callbacks",
    "early": "tells by callback before it answers",
    "late": "takes the order, gives the package after `seconds`, tells by callback",
    "contradict": "gives the package, says so, and tells by callback that it failed",
    "forget": "says yes, gives nothing and knows nothing of it afterwards",
    "wrong_number": "gives the package and says that another number got it",
    "wrong_package": "gives the package and says that it gave another one",
    "bare": "gives the package and says neither to whom nor which",
    "told_wrong_number": "answers as it should, and names another number by callback",
    "told_wrong_package": "answers as it should, and names another package by callback",
    "told_bare": "answers as it should, and names neither by callback",
}
# What each mode says instead of the truth; None says nothing.
_LIES: dict[str, dict[str, str | None]] = {
    "wrong_number": {"msisdn": "+355690000000"},
    "wrong_package": {"package": "S9999"},
    "bare": {"msisdn": None, "package": None},
}


@dataclass(frozen=True)
class Behaviour:
    """A mode with its details. With `keyless` a repeated order is given again (a control)."""

    mode: str = "fine"
    seconds: float = 2
    code: str = "unknown_number"
    keyless: bool = False

    def as_json(self) -> dict[str, object]:
        """Return the behaviour as JSON that `told` reads."""
        return {
            "mode": self.mode,
            "seconds": self.seconds,
            "code": self.code,
            "keyless": self.keyless,
        }

    def answered(self, said: dict[str, str]) -> dict[str, str]:
        """Return the reply of this mode, in place of the truth."""
        return _lied(said, self.mode)

    def told_by_itself(self, said: dict[str, str]) -> dict[str, str]:
        """Return the callback of this mode, in place of the truth."""
        return _lied(said, self.mode.removeprefix("told_"))

    @classmethod
    def told(cls, said: dict[str, Any]) -> "Behaviour":
        """Read a behaviour from posted JSON. Raise ValueError for anything unknown."""
        mode = str(said.get("mode", "fine"))
        if mode not in MODES:
            raise ValueError(mode)
        return cls(
            mode,
            float(said.get("seconds", 2)),
            str(said.get("code", "unknown_number")),
            bool(said.get("keyless")),
        )


def _lied(said: dict[str, str], mode: str) -> dict[str, str]:
    lied = {**said, **_LIES.get(mode, {})}
    return {name: value for name, value in lied.items() if value is not None}

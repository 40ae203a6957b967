"""How the simulator behaves: one mode at a time, told over HTTP."""

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
}


@dataclass(frozen=True)
class Behaviour:
    """A mode with what it needs. `keyless`: the same order again is given again (a control)."""

    mode: str = "fine"
    seconds: float = 2
    code: str = "unknown_number"
    keyless: bool = False

    @classmethod
    def told(cls, said: dict[str, Any]) -> "Behaviour":
        """From what was posted. Raises ValueError for what it does not know."""
        mode = str(said.get("mode", "fine"))
        if mode not in MODES:
            raise ValueError(mode)
        return cls(
            mode,
            float(said.get("seconds", 2)),
            str(said.get("code", "unknown_number")),
            bool(said.get("keyless")),
        )

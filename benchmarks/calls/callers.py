"""Run callers of both ways in: what they are told to do, and what they saw.

They run in a process of their own. The order comes as JSON in the first argument, and the result
goes out as JSON, in milliseconds.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

THINKS = 0.6  # seconds between the end of a prompt and the key
EAGER = 1.5  # seconds into the first menu, when a caller who knows it already presses a key


@dataclass
class Seen:
    """`answers`: from a key to the next prompt; `gaps`: between two packets of sound."""

    answers: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    lengths: list[float] = field(default_factory=list)
    pressed_at: float | None = None

    def press(self) -> None:
        self.pressed_at = time.monotonic()

    def answered(self) -> None:
        if self.pressed_at is not None:
            self.answers.append((time.monotonic() - self.pressed_at) * 1000)
            self.pressed_at = None


def run(one_call: Callable[[int, dict[str, Any], Seen], Awaitable[None]]) -> None:
    """Run all calls of the order, begun within its seconds; every other caller is eager."""
    order = json.loads(sys.argv[1])
    seen = [Seen() for _call in order["calls"]]

    async def later(number: int, call: dict[str, Any]) -> None:
        await asyncio.sleep(order["within"] * number / len(order["calls"]))
        begun = time.monotonic()
        await one_call(order["port"], call, seen[number])
        seen[number].lengths.append(time.monotonic() - begun)

    async def all_of_them() -> None:
        await asyncio.gather(*(later(*numbered) for numbered in enumerate(order["calls"])))

    asyncio.run(all_of_them())
    json.dump(
        {
            name: [value for one in seen for value in getattr(one, name)]
            for name in ("answers", "gaps", "lengths")
        },
        sys.stdout,
    )

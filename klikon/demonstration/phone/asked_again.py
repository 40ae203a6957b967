"""Repeat unanswered requests, because UDP loses packets (RFC 3261, 17.1, timers A, B, E, F)."""

import asyncio
import re
from collections.abc import Callable

T1, T2 = 0.5, 4.0  # seconds
GIVES_UP = 64 * T1


class Unanswered:
    """The requests of one telephone that wait for their answer."""

    def __init__(self, send: Callable[[str], None]) -> None:
        self._send = send
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def ask(self, request: str) -> None:
        self._send(request)
        self._later(request, T1, T1)

    def answered(self, response: str) -> None:
        """Stop repeating: an INVITE at the first ringing, all others at their answer."""
        if int(response.split()[1]) < 200 and _method(response) != "INVITE":
            return
        if timer := self._timers.pop(_transaction(response), None):
            timer.cancel()

    def forget(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def __len__(self) -> int:
        return len(self._timers)

    def _later(self, request: str, wait: float, passed: float) -> None:
        loop = asyncio.get_running_loop()
        self._timers[_transaction(request)] = loop.call_later(
            wait, self._again, request, wait, passed
        )

    def _again(self, request: str, wait: float, passed: float) -> None:
        if passed >= GIVES_UP:
            del self._timers[_transaction(request)]
            return
        self._send(request)
        longest = GIVES_UP if _method(request) == "INVITE" else T2
        wait = min(2 * wait, longest, GIVES_UP - passed)
        self._later(request, wait, passed + wait)


def _method(message: str) -> str:
    found = re.search(r"^CSeq:\s*\d+\s+(\w+)", message, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def _transaction(message: str) -> str:
    """Return the branch of the topmost Via, and the method (RFC 3261, 17.1.3)."""
    found = re.search(r"^Via:.*?branch=([^;\s]+)", message, re.MULTILINE | re.IGNORECASE)
    return f"{found[1] if found else ''} {_method(message)}"

"""Carry one call: play what a turn says, collect the keys it wants, ask the house in a thread.

Every way in (SIP, FastAGI) brings a `PhoneLine`; nothing else differs between them.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Protocol, TypeVar

from django.db import close_old_connections

from klikon.ivr.dialogue import dialogue
from klikon.ivr.dialogue.entry import Entry, stopping
from klikon.ivr.dialogue.turns import End, Failed, Heard, Keyed, Keys, Look, Say, Turn, say
from klikon.ivr.dialogue.turns import end as goodbye
from klikon.ivr.facts import CallFacts
from klikon.ivr.models import CallEnd
from klikon.ivr.register import Register

log = logging.getLogger(__name__)
Given = TypeVar("Given")
Made = TypeVar("Made")
# An answer comes within this time, or an apology, because nobody listens to silence for longer.
PATIENCE = 10.0
LONGEST = 900.0  # seconds, after which the dialogue asks nothing more
# records of ended calls; the event loop alone would not keep these tasks alive
_writing: "set[asyncio.Future[None]]" = set()


class HungUp(Exception):  # noqa: N818 - the usual end of many a call
    """The caller has hung up."""


class PhoneLine(Protocol):
    """A telephone line. Each of its acts raises HungUp when the caller has hung up."""

    async def play(self, said: Say, language: str, stops_at: str) -> str | None:
        """Play one prompt; return the key of `stops_at` that ended it. Other keys are dropped."""

    async def key(self, seconds: float) -> str | None:
        """Return the next key, or None after that time."""

    async def hang_up(self) -> None: ...

    async def transfer(self) -> None:
        """Transfer the caller to customer care."""


class Carrier:
    """One call from its first moment to its last."""

    def __init__(
        self, line: PhoneLine, facts: CallFacts, register: Register, threads: Executor | None = None
    ) -> None:
        self._line, self._facts, self._register = line, facts, register
        self._threads = threads

    async def carry(self, number: str, *, care: bool = False) -> None:
        """Carry the call. What happened before a hang-up stays; nothing happens after it."""
        turn, end = dialogue.begin(number, care=care), CallEnd.FAILED
        begun = asyncio.ensure_future(self._write_begin(number))  # the caller does not wait for it
        try:
            until = _now() + LONGEST
            while True:
                self._register.passes(turn)
                if isinstance(turn.wants, End):
                    break
                turn = await self._next(turn, until)
            await self._say_the_last(turn)
            end = CallEnd.FINISHED
        except HungUp:
            end = CallEnd.HUNG_UP
        finally:
            await self._written(asyncio.ensure_future(self._write_end(begun, end)))

    async def _next(self, turn: Turn, until: float) -> Turn:
        """Tell a call that it has become too long; a confirmed act is still waited for."""
        is_late = _now() >= until
        if is_late and isinstance(turn.wants, Keys):  # the outcome of the last act is told first
            return goodbye(turn.call, *turn.says, say("too_long"))
        try:
            async with asyncio.timeout_at(until if isinstance(turn.wants, Keys) else None):
                heard = await self._heard(turn)
        except TimeoutError:
            return goodbye(turn.call, say("too_long"))
        if isinstance(heard, Failed):
            self._register.fails()
        return dialogue.hear(turn, heard)

    async def _say_the_last(self, turn: Turn) -> None:
        await self._play(turn, "")
        if isinstance(turn.wants, End) and turn.wants.transfer:
            await self._line.transfer()
        else:
            await self._line.hang_up()

    async def _heard(self, turn: Turn) -> Heard:
        match turn.wants:
            case Look() as look:
                await self._play(turn, "")
                return await self._look(look)
            case Keys() as wants:
                return await self._entry(turn, wants)
        raise TypeError(turn.wants)

    async def _play(self, turn: Turn, stops_at: str) -> str | None:
        for said in turn.says:
            key = await self._line.play(said, turn.call.language, stops_at if said.stops else "")
            if key:
                return key
        return None

    async def _entry(self, turn: Turn, wants: Keys) -> Keyed:
        entry = Entry(wants)
        key = await self._play(turn, stopping(wants)) or await self._line.key(entry.patience)
        while key is not None and not entry.press(key):
            key = await self._line.key(entry.patience)
        return Keyed(entry.keys)

    async def _look(self, look: Look) -> Heard:
        """Ask the house.

        An act that takes too long goes on in its thread; the next call sees its outcome.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._in_thread(look.put_to, self._facts)
        except TimeoutError:
            log.warning("ivr: no answer in time to %s", type(look.question).__name__)
        except Exception:  # for any error the caller hears an apology
            log.exception("ivr: no answer to %s", type(look.question).__name__)
        return Failed()

    async def _in_thread(self, work: Callable[[Given], Made], argument: Given) -> Made:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _closing, work, argument)

    async def _write_begin(self, number: str) -> None:
        try:
            await self._in_thread(self._register.begin, number)
        except Exception:  # the dialogue notices by itself, and apologises
            log.exception("ivr: the beginning of a call was not written")

    async def _written(self, writing: "asyncio.Future[None]") -> None:
        """Record the end of the call without keeping the line or its place busy."""
        _writing.add(writing)
        writing.add_done_callback(_writing.discard)
        done, _ = await asyncio.wait({writing}, timeout=PATIENCE)
        if not done:
            log.warning("ivr: the register is slow, a call's line does not wait for it")

    async def _write_end(self, begun: "asyncio.Future[None]", end: CallEnd) -> None:
        await begun
        self._register.contract_id = self._facts.contract_id
        try:
            await self._in_thread(self._register.end, end)
        except Exception:  # the call is over; its row stays without an end
            log.exception("ivr: the end of a call was not written")


def _closing(work: Callable[[Given], Made], argument: Given) -> Made:
    """Close old or broken connections before and after."""
    close_old_connections()
    try:
        return work(argument)
    finally:
        close_old_connections()


def _now() -> float:
    return asyncio.get_running_loop().time()

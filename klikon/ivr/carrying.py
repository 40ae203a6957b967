"""Carries one call: plays what a turn says, collects what it wants, asks the house in a thread.

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
# An answer within this time, or an apology: nobody listens to silence for longer.
PATIENCE = 10.0
LONGEST = 900.0  # seconds after which nothing more is asked
_writing: "set[asyncio.Future[None]]" = set()  # ends of calls; a loop keeps no task alive by itself


class HungUp(Exception):  # noqa: N818 - the usual end of many a call
    """The caller is gone."""


class PhoneLine(Protocol):
    """A telephone line. Each of its acts raises HungUp when the caller is gone."""

    async def play(self, said: Say, language: str, stops_at: str) -> str | None:
        """Play one prompt; the key out of `stops_at` that ended it. Other keys are forgotten."""

    async def key(self, seconds: float) -> str | None:
        """The next key, or None after that time."""

    async def hang_up(self) -> None: ...

    async def transfer(self) -> None:
        """Hand the caller on to customer care."""


class Carrier:
    """One call from its first moment to its last."""

    def __init__(
        self, line: PhoneLine, facts: CallFacts, register: Register, threads: Executor | None = None
    ) -> None:
        self._line, self._facts, self._register = line, facts, register
        self._threads = threads

    async def carry(self, number: str, *, care: bool = False) -> None:
        """From hello to goodbye. What happened until a hang-up has happened, and nothing after."""
        turn, end = dialogue.begin(number, care=care), CallEnd.FAILED
        begun = asyncio.ensure_future(self._write_begin(number))  # nobody waits for it
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
        """A call that has become too long is told so; an act that was confirmed is waited for."""
        is_late = _now() >= until
        if is_late and isinstance(turn.wants, Keys):  # what became of the last act is told
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
        """An act that takes too long goes on in its thread, and the next call finds what it did."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._in_thread(look.put_to, self._facts)
        except TimeoutError:
            log.warning("ivr: no answer in time to %s", type(look.question).__name__)
        except Exception:  # whatever it is, the caller hears an apology
            log.exception("ivr: no answer to %s", type(look.question).__name__)
        return Failed()

    async def _in_thread(self, work: Callable[[Given], Made], argument: Given) -> Made:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _closing, work, argument)

    async def _write_begin(self, number: str) -> None:
        try:
            await self._in_thread(self._register.begin, number)
        except Exception:  # the dialogue will notice by itself, and apologise
            log.exception("ivr: the beginning of a call was not written")

    async def _written(self, writing: "asyncio.Future[None]") -> None:
        """The call is over: a slow register keeps no line and no place, and goes on alone."""
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
        except Exception:  # the call is over, its row stays without an end
            log.exception("ivr: the end of a call was not written")


def _closing(work: Callable[[Given], Made], argument: Given) -> Made:
    """No connection is used that is old or broken, and none is left that is."""
    close_old_connections()
    try:
        return work(argument)
    finally:
        close_old_connections()


def _now() -> float:
    return asyncio.get_running_loop().time()

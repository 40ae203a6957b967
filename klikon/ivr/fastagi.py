"""FastAGI: the carrier's Asterisk handles the media and asks us over TCP what to do with a call.

Asterisk sends `agi_name: value` lines and an empty one. Then we send commands, and it answers each
with `200 result=…`. We trust it by its network and a secret, the first argument. The second is what
the carrier asserts, URI-encoded; the third says whether customer care can be reached.
"""

import asyncio
import hmac
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from ipaddress import ip_address, ip_network
from urllib.parse import unquote

from django.conf import settings

from klikon.ivr.answering import carry
from klikon.ivr.carrying import HungUp
from klikon.ivr.dialogue.turns import Say, say
from klikon.ivr.identity import asserted_number
from klikon.ivr.models import Adapter
from klikon.ivr.voice import sounds

log = logging.getLogger(__name__)
_LINES_AT_MOST = 100
_LINE_BYTES = 4096
_HELLO = 10.0  # seconds for all the lines of a new call
_ANSWER = 10.0  # seconds beyond what a command itself takes
_PLAYING = 60.0
_RESULT = re.compile(r"200 result=(-?[0-9]{1,9})(?![0-9])")
_KEYS = "0123456789*#"


class NotTheProtocol(Exception):  # noqa: N818
    """The other side does not speak FastAGI, or is not who it should be."""


class AgiLine:
    """A call at the carrier's Asterisk."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._unheard = 0  # commands without an answer so far

    async def play(self, said: Say, language: str, stops_at: str) -> str | None:
        for path in await sounds.ready(said, language):
            name = str(path.with_suffix(""))
            code = await self._command(f'STREAM FILE "{name}" "{stops_at}"', _PLAYING)
            if key := _key_of(code):
                return key
        return None

    async def key(self, seconds: float) -> str | None:
        return _key_of(await self._command(f"WAIT FOR DIGIT {round(seconds * 1000)}", seconds))

    async def answer(self) -> None:
        await self._command("ANSWER")

    async def hang_up(self) -> None:
        await self._last("HANGUP")

    async def transfer(self) -> None:
        """End with a variable that the dialplan reads when it goes on."""
        await self._last("SET VARIABLE KLIKON_NEXT care")

    async def _last(self, command: str) -> None:
        with suppress(HungUp):  # a caller who is gone needs no more
            await self._command(command)

    async def _command(self, command: str, takes: float = 0) -> int:
        """Return a command's result. A -1, a dead channel and a broken line count as a hang-up."""
        try:
            self._writer.write(f"{command}\n".encode())
            self._unheard += 1
            async with asyncio.timeout(takes + _ANSWER):
                await self._writer.drain()
                answer = await self._newest_answer()
        except (OSError, EOFError, TimeoutError) as error:
            raise HungUp from error
        if answer.startswith("511"):
            raise HungUp
        found = _RESULT.match(answer)
        if not found:
            log.warning("fastagi: %s was answered with %.60r", command.partition(" ")[0], answer)
            raise HungUp
        if found[1] == "-1":
            raise HungUp
        return int(found[1])

    async def _newest_answer(self) -> str:
        """Return the newest command's answer; earlier answers belong to commands given up."""
        while True:
            answer = await self._read()
            self._unheard -= 1
            if not self._unheard:
                return answer

    async def _read(self) -> str:
        while True:
            line = await _line_of(self._reader)
            if line != "HANGUP":  # Asterisk reports it in between; the next result is -1
                return line


async def _line_of(reader: asyncio.StreamReader) -> str:
    try:
        line = await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError as error:
        raise EOFError from error
    return line.decode("utf-8", "replace").strip()


class FastAgi:
    """The server, with one task a call."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._calls: set[asyncio.Task[None]] = set()
        self._networks = [ip_network(text) for text in settings.IVR_FASTAGI_NETWORKS]

    async def serve(self, host: str, port: int) -> asyncio.Server:
        """Start listening."""
        return await asyncio.start_server(self._begun, host, port, limit=_LINE_BYTES)

    async def stop(self) -> None:
        """End every call and record it while the pool still exists."""
        calls = list(self._calls)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    def _begun(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = asyncio.create_task(self._connected(reader, writer))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self._require_network(writer)
            async with asyncio.timeout(_HELLO):
                told = await _hello(reader)
            await self._call(AgiLine(reader, writer), told)
        except NotTheProtocol as error:
            log.warning("fastagi: %s", error)
        except (HungUp, OSError, EOFError, TimeoutError) as error:
            # Nothing was asked yet: a caller who hung up, or a port scan.
            log.info("fastagi: gone before it asked: %s", type(error).__name__)
        except asyncio.CancelledError:
            log.info("fastagi: a call ended with the server")
        except Exception:
            log.exception("fastagi: a call failed")
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _call(self, line: AgiLine, told: dict[str, str]) -> None:
        if not hmac.compare_digest(told.get("arg_1", "").encode(), _secret()):
            raise NotTheProtocol("the secret is wrong")
        call_id = told.get("uniqueid", "")
        await line.answer()
        if not call_id:  # R21: its yes would share a key with another call's
            log.error("fastagi: a call without a uniqueid was refused; look at the Asterisk")
            await line.play(say("sorry"), "sq", "")
            await line.hang_up()
            return
        await carry(
            line,
            adapter=Adapter.FASTAGI,
            call_id=call_id,
            number=_asserted(told.get("arg_2", "")),
            care=told.get("arg_3", "") == "care",
            pool=self._pool,
        )

    def _require_network(self, writer: asyncio.StreamWriter) -> None:
        peer = ip_address(writer.get_extra_info("peername")[0])
        if not any(peer in network for network in self._networks):
            raise NotTheProtocol(f"{peer} is not in IVR_FASTAGI_NETWORKS")


def _key_of(code: int) -> str | None:
    """Return the pressed key; A to D, which no telephone has, count as none."""
    return chr(code) if 0 < code < 128 and chr(code) in _KEYS else None


def _secret() -> bytes:
    secret: str = settings.IVR_FASTAGI_SECRET
    return secret.encode()


def _asserted(argument: str) -> str:
    """Return the asserted text.

    Unencoded it is what Asterisk left of the quotes, and a comma is a trick.
    """
    return "" if "," in argument else asserted_number(unquote(argument))


async def _hello(reader: asyncio.StreamReader) -> dict[str, str]:
    """Read the opening lines: agi_arg_1 becomes arg_1, and so on."""
    told: dict[str, str] = {}
    for _ in range(_LINES_AT_MOST):
        line = await _line_of(reader)
        if not line:
            return told
        name, colon, value = line.partition(":")
        if not colon or not name.startswith("agi_"):
            raise NotTheProtocol("this is not FastAGI")
        told[name.removeprefix("agi_")] = value.strip()
    raise NotTheProtocol("too many lines before the first empty one")

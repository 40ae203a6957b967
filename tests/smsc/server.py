"""An SMS centre as a process of its own: `-m tests.smsc.server`. It prints its two ports, SMPP and
control. By the control (a line of JSON each) it learns how to behave, and says what it got.

It can drop binds, throttle, delay, stay silent, and lose, repeat, hold and hurry receipts.
"""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.smsc import pdus

OK, THROTTLED, QUEUE_FULL, BIND_FAILED = 0x0, 0x58, 0x14, 0x0D
STATES = {"DELIVRD": 2, "EXPIRED": 3, "UNDELIV": 5, "ACCEPTD": 6, "UNKNOWN": 7, "REJECTD": 8}


@dataclass
class Ways:
    """How it behaves. Counts run down; numbers are those of E.164 without the plus."""

    answers: bool = True  # to submits
    answers_links: bool = True  # to enquire_link
    refuses_binds: int = 0
    throttles: int = 0  # the next so many submits
    throttle_status: int = THROTTLED
    a_second: int = 0  # more are throttled; 0: no limit
    statuses: dict[str, int] = field(default_factory=dict)  # by number, each time
    drops_after: int = 0  # taking that many submits, without answering the last
    answers_then_drops: bool = False  # in one breath
    delay: float = 0.0
    receipts: int = 1  # of each part
    receipt_first: bool = False  # before the answer
    holds: bool = False  # receipts, until they are released
    stat: dict[str, str] = field(default_factory=dict)  # by number; DELIVRD
    ids: str = "dec"  # how the answer says an id: dec, hex, HEX, padded
    receipt_ids: str = "dec"
    by_tlv: bool = False  # receipted_message_id and message_state instead of the text
    echoes_reference: bool = False  # user_message_reference
    first_id: int = 0  # begin to count there


class Centre:
    def __init__(self) -> None:
        self.binds: list[asyncio.StreamWriter] = []
        self.last_id = 0x00B8BE0F
        self.sequence = 0
        self.do_forget()

    def do_forget(self) -> None:
        """As new, but for its ids: those never come twice."""
        self.ways = Ways()
        self.taken: list[pdus.Submitted] = []
        self.held: list[bytes] = []
        self.unacknowledged: dict[tuple[asyncio.StreamWriter, int], bytes] = {}
        self.seen = {
            "binds": 0,
            "links": 0,
            "acknowledged": 0,
            "throttled": 0,
            "unbinds": 0,
            "refused": 0,
        }
        self.second, self.in_second = 0, 0

    # --- SMPP
    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                length, command, _status, sequence = pdus.head(await reader.readexactly(16))
                body = await reader.readexactly(length - 16)
                if not await self._heard(writer, command, sequence, body):
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._forget(writer)

    async def _heard(
        self, writer: asyncio.StreamWriter, command: int, sequence: int, body: bytes
    ) -> bool:
        if command in pdus.BIND:
            return await self._bind(writer, command, sequence, body)
        if command == pdus.SUBMIT:
            return await self._submit(writer, sequence, body)
        if command == pdus.ENQUIRE:
            self.seen["links"] += 1
            if self.ways.answers_links:
                self._write(writer, pdus.pack(command | pdus.RESPONSE, OK, sequence))
        elif command == pdus.DELIVER | pdus.RESPONSE:
            self.seen["acknowledged"] += 1
            self.unacknowledged.pop((writer, sequence), None)
        elif command == pdus.UNBIND:
            self.seen["unbinds"] += 1
            self._write(writer, pdus.pack(command | pdus.RESPONSE, OK, sequence))
            return False
        return True

    async def _bind(
        self, writer: asyncio.StreamWriter, command: int, sequence: int, body: bytes
    ) -> bool:
        wrong = pdus.bound_as(body) != ("klik-on", "secret")
        if wrong or self.ways.refuses_binds:
            self.ways.refuses_binds -= not wrong
            self.seen["refused"] += 1
            self._write(writer, pdus.pack(command | pdus.RESPONSE, BIND_FAILED, sequence))
            return True
        self.seen["binds"] += 1
        self.binds.append(writer)
        name = pdus.text("centre") + pdus.tlv(0x0210, b"\x34")
        self._write(writer, pdus.pack(command | pdus.RESPONSE, OK, sequence, name))
        if not self.ways.holds:
            self.release(writer)
        return True

    async def _submit(self, writer: asyncio.StreamWriter, sequence: int, body: bytes) -> bool:
        submitted, ways = pdus.read_submit(body), self.ways
        answer = pdus.SUBMIT | pdus.RESPONSE
        if status := self._refuses(submitted):
            self._write(writer, pdus.pack(answer, status, sequence))
            return True
        self.taken.append(submitted)
        self.last_id += 1
        said = pdus.pack(answer, OK, sequence, pdus.text(_spelled(self.last_id, ways.ids)))
        receipts = [self._receipt(submitted, self.last_id)] * ways.receipts
        if ways.drops_after and len(self.taken) >= ways.drops_after:
            ways.drops_after = 0
            self._keep(writer, receipts)
            return False
        if ways.delay:
            await asyncio.sleep(ways.delay)
        before, after = (receipts, []) if ways.receipt_first else ([], receipts)
        self._keep(writer, before)
        if ways.answers:
            self._write(writer, said)
        self._keep(writer, after)
        return not ways.answers_then_drops

    def _refuses(self, submitted: pdus.Submitted) -> int:
        ways, now = self.ways, int(asyncio.get_running_loop().time())
        if status := ways.statuses.get(submitted.to):
            return status
        if now != self.second:
            self.second, self.in_second = now, 0
        self.in_second += 1
        if ways.throttles or (ways.a_second and self.in_second > ways.a_second):
            ways.throttles -= bool(ways.throttles)
            self.seen["throttled"] += 1
            return ways.throttle_status
        return OK

    def _receipt(self, submitted: pdus.Submitted, number: int) -> bytes:
        ways = self.ways
        stat = ways.stat.get(submitted.to, "DELIVRD")
        spelled = _spelled(number, ways.receipt_ids)
        tlvs = b""
        if ways.echoes_reference and (echo := submitted.tlvs.get(pdus.USER_REFERENCE)):
            tlvs += pdus.tlv(pdus.USER_REFERENCE, echo)
        if ways.by_tlv:
            tlvs += pdus.tlv(pdus.RECEIPTED_ID, pdus.text(spelled))
            tlvs += pdus.tlv(pdus.STATE, bytes([STATES[stat]]))
            said = b""
        else:
            said = (
                f"id:{spelled} sub:001 dlvrd:001 submit date:2611051405 done date:2611051406 "
                f"stat:{stat} err:000 text:"
            ).encode() + submitted.octets[:20]
        return pdus.deliver(submitted.to, submitted.source, 0x04, said, tlvs)

    def _keep(self, writer: asyncio.StreamWriter, receipts: list[bytes]) -> None:
        self.held += receipts
        if not self.ways.holds:
            self.release(writer)

    def release(self, writer: asyncio.StreamWriter | None = None) -> None:
        """Tell what is held to one bind; with none, it stays held."""
        if writer is None or writer.is_closing():
            writer = self.binds[-1] if self.binds else None
        while writer and self.held:
            self.sequence += 1
            body = self.held.pop(0)
            self.unacknowledged[writer, self.sequence] = body
            self._write(writer, pdus.pack(pdus.DELIVER, OK, self.sequence, body))

    def _write(self, writer: asyncio.StreamWriter, octets: bytes) -> None:
        with suppress(ConnectionError):
            writer.write(octets)

    def _forget(self, writer: asyncio.StreamWriter) -> None:
        if writer in self.binds:
            self.binds.remove(writer)
        # What nobody acknowledged is told again at the next bind.
        mine = [key for key in self.unacknowledged if key[0] is writer]
        self.held[:0] = [self.unacknowledged.pop(key) for key in mine]
        writer.close()

    # --- control
    async def control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            asked = json.loads(line)
            said = getattr(self, f"do_{asked.pop('do')}")(**asked)
            writer.write(json.dumps(said).encode() + b"\n")
            await writer.drain()
        writer.close()

    def do_behave(self, **ways: Any) -> None:
        self.ways = Ways(**{**asdict(self.ways), **ways})
        if first := ways.get("first_id"):
            self.last_id = first - 1

    def do_taken(self) -> list[dict[str, Any]]:
        return [
            {**asdict(s), "octets": s.octets.hex(), "tlvs": {t: v.hex() for t, v in s.tlvs.items()}}
            for s in self.taken
        ]

    def do_count(self) -> int:
        return len(self.taken)

    def do_seen(self) -> dict[str, int]:
        return {**self.seen, "bound": len(self.binds), "held": len(self.held)}

    def do_release(self) -> None:
        self.release()

    def do_drop(self) -> None:
        for writer in list(self.binds):
            writer.transport.abort()

    def do_say(self, source: str, text: str) -> None:
        """An SMS from a phone."""
        self.held.append(pdus.deliver(source, "131", 0, text.encode()))
        self.release()

    def do_receipt(self, source: str, said: str) -> None:
        """A receipt of one's own words."""
        self.held.append(pdus.deliver(source, "Klik-ON", 0x04, said.encode("latin-1")))
        self.release()

    def do_raw(self, octets: str) -> None:
        for writer in self.binds:
            self._write(writer, bytes.fromhex(octets))


def _spelled(number: int, how: str) -> str:
    if how == "hex":
        return f"{number:08x}"
    if how == "HEX":
        return f"{number:X}"
    return f"{number:012d}" if how == "padded" else str(number)


async def _serve(port: int) -> None:
    centre = Centre()
    smpp = await asyncio.start_server(centre.talk, "127.0.0.1", port)
    control = await asyncio.start_server(centre.control, "127.0.0.1", 0)
    ports = [server.sockets[0].getsockname()[1] for server in (smpp, control)]
    print(*ports, flush=True)  # noqa: T201 - whoever started us reads them
    await asyncio.gather(smpp.serve_forever(), control.serve_forever())


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0))

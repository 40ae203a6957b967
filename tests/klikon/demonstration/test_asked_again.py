"""The telephone repeats requests until they are answered, because UDP loses packets (RFC 3261)."""

import asyncio

import pytest

from klikon.demonstration.phone import asked_again
from klikon.demonstration.phone.softphone import Softphone
from tests.klikon.ivr.loop import run


class Deaf(asyncio.DatagramProtocol):
    """A server that ignores the first requests and answers 200 to all others."""

    def __init__(self, hears_nothing_of: int) -> None:
        self.heard: list[str] = []
        self._ignores = hears_nothing_of

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        request = data.decode()
        self.heard.append(request)
        if len(self.heard) > self._ignores and not request.startswith("ACK"):
            self.answer(request, address)

    def answer(self, request: str, address: tuple[str, int]) -> None:
        kept = [line for line in request.splitlines() if line.startswith(("Via", "CSeq"))]
        self._transport.sendto("\r\n".join(["SIP/2.0 200 OK", *kept, "", ""]).encode(), address)


async def calls(server: Deaf, patience: float) -> tuple[Softphone, int]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: server, local_addr=("127.0.0.1", 0))
    phone = Softphone("+355670000001", transport.get_extra_info("sockname"), patience=patience)
    await phone.open()
    try:
        return phone, await phone.register()
    finally:
        phone.close()
        transport.close()


def test_what_was_lost_is_asked_again_word_by_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked_again, "T1", 0.01)
    server = Deaf(hears_nothing_of=3)
    assert run(calls(server, 20))[1] == 200
    assert len(server.heard) >= 4
    assert len(set(server.heard)) == 1


def test_an_invite_is_asked_again_until_it_rings_and_others_until_their_answer() -> None:
    sent: list[str] = []

    async def asks() -> list[int]:
        waiting = asked_again.Unanswered(sent.append)
        waiting.ask("INVITE\r\nVia: x;branch=a\r\nCSeq: 1 INVITE")
        waiting.ask("BYE\r\nVia: x;branch=b\r\nCSeq: 2 BYE")
        left = [len(waiting)]
        for answer in (
            "SIP/2.0 100 Trying\r\nVia: x;branch=b\r\nCSeq: 2 BYE",
            "SIP/2.0 180 Ringing\r\nVia: x;branch=a\r\nCSeq: 1 INVITE",
            "SIP/2.0 200 OK\r\nVia: x;branch=b\r\nCSeq: 2 BYE",
        ):
            waiting.answered(answer)
            left.append(len(waiting))
        return left

    assert run(asks()) == [2, 2, 1, 0]

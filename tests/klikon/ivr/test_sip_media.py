"""Whose media counts on our own SIP line, and which offers are refused."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiosipua.sdp import parse_sdp

from klikon.demonstration.phone.softphone import CallNotTaken, Softphone
from klikon.ivr.models import PhoneCall
from klikon.ivr.sip.media import can_be_answered, event_type
from klikon.models import LeaderAssignment
from tests.klikon.ivr.telephone import (
    QUIET,
    contains,
    keys_and_stay,
    lek_spent,
    on_the_phone,
    register_of,
)

database = pytest.mark.django_db(transaction=True)


@asynccontextmanager
async def another_socket(phone: Softphone, host: str) -> AsyncIterator[None]:
    """Press keys from another socket meanwhile."""
    own = phone._rtp
    phone._rtp, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=(host, 0)
    )
    try:
        yield
    finally:
        phone._rtp.close()
        phone._rtp = own


class Ear(asyncio.DatagramProtocol):
    def __init__(self, phone: Softphone) -> None:
        self._phone = phone

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self._phone._media(data, address)


@database
def test_a_key_from_another_address_is_nobodys_yes(leader: LeaderAssignment, caplog) -> None:
    async def somebody_else(phone: Softphone) -> None:
        await keys_and_stay(phone, "21")
        async with another_socket(phone, "127.0.0.2"):
            phone.press("1")
        phone.press("2")  # the caller's own “no” comes after it
        await phone.quiet(QUIET)
        phone.hang_up()

    caplog.set_level(logging.WARNING)
    on_the_phone(leader.member.msisdn, somebody_else)
    assert (lek_spent(leader), register_of(leader).end) == ([], "hung_up")
    assert "sip: 6 packets were not the caller's, or none" in caplog.messages


@database
def test_nobody_comes_first_from_another_address(leader: LeaderAssignment) -> None:
    async def first(phone: Softphone) -> None:
        await phone.dial()
        await phone.quiet(QUIET)
        async with another_socket(phone, "127.0.0.2"):
            phone.press("9")
        for key in "211":
            phone.press(key)
            await phone.quiet(QUIET)
        phone.hang_up()

    phone = on_the_phone(leader.member.msisdn, first)
    assert lek_spent(leader) == [500]
    assert contains(phone, "done", package="Super 700")  # the sound did not go elsewhere


@database
def test_the_port_may_be_another_than_in_the_offer_once(leader: LeaderAssignment) -> None:
    async def through_a_router(phone: Softphone) -> None:
        await phone.dial()
        await phone.quiet(QUIET)
        phone._rtp.close()
        phone._rtp, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Ear(phone), local_addr=("127.0.0.1", 0)
        )
        for key in "21":
            phone.press(key)
            await phone.quiet(QUIET)
        async with another_socket(phone, "127.0.0.1"):
            phone.press("1")
        phone.press("2")
        await phone.quiet(QUIET)
        phone.hang_up()

    phone = on_the_phone(leader.member.msisdn, through_a_router)
    assert contains(phone, "price", list_lek=700, charged_lek=500)
    assert lek_spent(leader) == []


def offer(*, connection: str = "c=IN IP4 127.0.0.1", media: str = "", more: str = "") -> str:
    media = media or "m=audio 40000 RTP/AVP 8 101"
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", connection, "t=0 0", media, more]
    return "\r\n".join(line for line in lines if line) + "\r\n"


REFUSED = [
    offer(connection=""),
    offer(connection="c=IN IP4 phone.example"),
    offer(connection="c=IN IP4 0.0.0.0"),
    offer(connection="c=IN IP4 224.0.0.1/127"),
    offer(connection="c=IN IP4 224.0.0.1"),
    offer(connection="c=IN IP4 255.255.255.255"),
    offer(connection="c=IN IP6 ::1"),
    offer(connection="c=IN"),
    offer(media="m=audio 0 RTP/AVP 8"),
    offer(media="m=audio 65536 RTP/AVP 8"),
    offer(media="m=audio -4 RTP/AVP 8"),
    offer(media="m=audio 40000 RTP/AVP 18"),
    offer(media="m=video 40000 RTP/AVP 96"),
]


@pytest.mark.parametrize("text", REFUSED)
def test_such_an_offer_cannot_be_answered(text: str) -> None:
    assert not can_be_answered(parse_sdp(text), "127.0.0.1")


def test_the_address_of_the_media_counts_where_it_has_its_own() -> None:
    text = offer(connection="c=IN IP4 phone.example", more="c=IN IP4 10.0.0.7")
    assert can_be_answered(parse_sdp(text), "10.0.0.5")


@pytest.mark.parametrize(("named", "used"), [(96, 96), (101, 101), (8, 101), (300, 101), (-1, 101)])
def test_keys_come_under_a_type_that_can_be_one(named: int, used: int) -> None:
    more = f"a=rtpmap:{named} telephone-event/8000"
    assert event_type(parse_sdp(offer(media=f"m=audio 4 RTP/AVP 8 {named}", more=more))) == used


@database
@pytest.mark.parametrize(
    "text",
    [
        offer(connection=""),
        offer(media="m=audio 0 RTP/AVP 8"),
        offer(connection="c=IN IP4 phone.example"),
    ],
)
def test_it_is_refused_at_once_and_nothing_rings(
    leader: LeaderAssignment, text: str, monkeypatch
) -> None:
    async def calls(phone: Softphone) -> None:
        monkeypatch.setattr(phone, "_offer", lambda: text)
        with pytest.raises(CallNotTaken, match="488"):
            await phone.dial()

    phone = on_the_phone(leader.member.msisdn, calls)
    assert phone.statuses == [200, 100, 488]
    assert not PhoneCall.objects.filter(caller=leader.member.msisdn).exists()


@database
def test_without_a_free_port_the_caller_is_told(leader: LeaderAssignment, settings) -> None:
    settings.IVR_SIP_RTP_PORTS = [42000, 42000]

    async def calls(phone: Softphone) -> None:
        with pytest.raises(CallNotTaken, match="503"):
            await phone.dial()

    phone = on_the_phone(leader.member.msisdn, calls)
    assert phone.statuses == [200, 100, 180, 503]


@database
def test_one_that_is_cancelled_at_the_same_moment_holds_no_place(leader: LeaderAssignment) -> None:
    async def at_once(phone: Softphone) -> None:
        phone.invite()
        phone.cancel()
        with pytest.raises(CallNotTaken, match="487"):
            await phone.answered()

    on_the_phone(leader.member.msisdn, at_once)  # wait until no call is left

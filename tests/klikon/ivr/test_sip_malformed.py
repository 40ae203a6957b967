"""Every malformed packet gets an answer, and the next caller is served."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django import Settings

from klikon.demonstration.phone.softphone import CallNotTaken, Softphone
from klikon.ivr.answering import threads
from klikon.ivr.sip.listener import Sip
from tests.klikon.ivr.loop import run

MANY = "9" * 5000
SDP = "\r\n".join(
    [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "c=IN IP4 127.0.0.1",
        "t=0 0",
        "m=audio 40000 RTP/AVP 8 101",
        "a=rtpmap:101 telephone-event/8000",
        "a=ptime:20",
        "",
    ]
)
HEADERS = {
    "Via": "SIP/2.0/UDP 127.0.0.1:{port};rport;branch=z9hG4bK{branch}",
    "From": "<sip:+355670000001@127.0.0.1>;tag=a1",
    "To": "<sip:130@127.0.0.1>",
    "Call-ID": "{branch}@here",
    "CSeq": "1 {method}",
    "Contact": "<sip:+355670000001@127.0.0.1>",
    "Expires": "600",
    "Content-Type": "application/sdp",
}


def request(method: str, port: int, branch: str = "b1", body: str = "", **other: str) -> str:
    changed = {name.replace("_", "-"): value for name, value in other.items()}
    known = {"{port}": str(port), "{branch}": branch, "{method}": method}
    headers = [
        f"{name}: {re.sub(r'{[a-z]+}', lambda m: known[m[0]], value)}"
        for name, value in (HEADERS | changed).items()
    ]
    return "\r\n".join([f"{method} sip:130@127.0.0.1 SIP/2.0", *headers, "", body])


def with_130(doing: Callable[[Sip, Softphone], Awaitable[None]]) -> None:
    """Run `doing` with a registered telephone and a server at which every call keeps ringing."""

    async def whole() -> None:
        with threads() as pool:
            server = Sip(pool, rings=3600)
            await server.start("127.0.0.1", 0)
            phone = Softphone("+355670000001", ("127.0.0.1", server.port))
            await phone.open()
            try:
                assert await phone.register() == 200
                await doing(server, phone)
            finally:
                phone.close()
                await server.stop()

    run(whole())


def answer_to(method: str, **how: str) -> list[int]:
    """Return every status that comes before that of a correct request."""
    statuses: list[int] = []

    async def asks(_server: Sip, phone: Softphone) -> None:
        before = len(phone.statuses)
        phone._send(request(method, phone._here[1], **how))
        phone._send(request("OPTIONS", phone._here[1], branch="last"))
        async with asyncio.timeout(5):
            while phone._answers.empty() or "OPTIONS" not in await phone._answers.get():
                await asyncio.sleep(0)
        statuses.extend(phone.statuses[before:-1])

    with_130(asks)
    return statuses


@pytest.fixture(autouse=True)
def _phones_here(settings: Settings) -> None:
    settings.IVR_SIP_BELIEVES_PHONES_HERE = True


@pytest.mark.parametrize("expires", [MANY, "٣٦٠٠", "-1", "1.5", "", "forever"])
def test_an_expiry_that_is_none_is_the_usual_one(expires: str) -> None:
    to = "<sip:+355670000001@127.0.0.1>"
    assert answer_to("REGISTER", To=to, Expires=expires) == [200]


@pytest.mark.parametrize(
    "how",
    [
        {"CSeq": f"{MANY} INVITE"},
        {"CSeq": "one INVITE"},
        {"Call_ID": ""},
        {"body": SDP.replace("40000", MANY)},
        {"body": SDP.replace("t=0 0", f"t={MANY} 0")},
        {"body": SDP.replace("v=0", "v=zero")},
        {"body": SDP.replace("rtpmap:101", "rtpmap:many")},
        {"body": SDP.replace("event/8000", f"event/{MANY}")},
    ],
)
def test_a_number_that_is_none_is_answered_400(how: dict[str, str]) -> None:
    assert answer_to("INVITE", **({"body": SDP} | how)) == [400]


def test_no_answer_is_sent_to_a_name(caplog: pytest.LogCaptureFixture) -> None:
    via = "SIP/2.0/UDP 127.0.0.1:{port};received=elsewhere.invalid;branch=z9hG4bKname"
    assert answer_to("OPTIONS", Via=via) == []
    assert "sip: nothing is sent to 'elsewhere.invalid', which is no address" in caplog.messages


HOSTILE = st.one_of(
    st.sampled_from(
        [
            "",
            MANY,
            "-1",
            "0",
            "<",
            ">",
            '"',
            "<sip:>",
            ";;;",
            ",",
            "%00",
            "sip:@",
            "[::1",
            "1 2 3",
            "SIP/2.0/UDP :0;branch=x",
            "SIP/2.0/UDP 127.0.0.1:99999;branch=y",
            "application/dtmf",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=60),
)
LINES = st.lists(st.one_of(st.sampled_from(SDP.split("\r\n")), HOSTILE), max_size=12)
METHODS = ["INVITE", "REGISTER", "INFO", "BYE", "CANCEL", "ACK", "UPDATE", "PRACK", "REFER", "x"]
SPOILT = st.tuples(
    st.sampled_from(METHODS),
    st.dictionaries(st.sampled_from([name.replace("-", "_") for name in HEADERS]), HOSTILE),
    st.one_of(LINES.map("\r\n".join), LINES.map(lambda lines: SDP + "\r\n".join(lines))),
)


@pytest.mark.full
@given(spoilt=st.lists(SPOILT, min_size=1, max_size=25), raw=st.binary(max_size=200))
@examples(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_after_whatever_came_the_next_caller_is_answered(spoilt: list, raw: bytes) -> None:
    async def asks(server: Sip, phone: Softphone) -> None:
        other, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
        )
        port = other.get_extra_info("sockname")[1]
        other.sendto(raw, phone.server)
        for number, (method, headers, body) in enumerate(spoilt):
            text = request(method, port, branch=f"b{number}", body=body, **headers)
            other.sendto(text.encode(), phone.server)
        with pytest.raises(CallNotTaken, match="404"):
            await phone.dial("131")
        assert server.calls <= len(spoilt)
        other.close()

    with_130(asks)

"""Embedded SIP: 130 answers by itself, for demonstrations with any softphone and for tests.

aiosipua does the signalling; who may call, repeated requests and INFO digits are ours.
"""

import asyncio
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from typing import Any

from aiosipua import DialogState, IncomingCall, SipRequest, SipResponse, SipUAS
from aiosipua.rtp_bridge import CallSession
from aiosipua.sdp import SdpMessage
from django.conf import settings

from klikon.ivr.answering import carry
from klikon.ivr.models import Adapter
from klikon.ivr.sip.line import SipLine
from klikon.ivr.sip.media import PCMA, PCMU, Sender, can_be_answered, event_type
from klikon.ivr.sip.transport import RememberingTransport
from klikon.ivr.sip.trust import REGISTERED_FOR, Trust

log = logging.getLogger(__name__)
SERVICE = "130"
_SECONDS = re.compile("[0-9]{1,9}")
Address = tuple[str, int]


class Sip:
    """The server: one task a call, and one clock."""

    def __init__(self, pool: ThreadPoolExecutor, *, rings: float = 0.3) -> None:
        self._pool, self._rings = pool, rings
        self._trust = Trust()
        self._lines: dict[str, SipLine] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._first_port, self._last_port = settings.IVR_SIP_RTP_PORTS
        self._ports = count(0, 2)

    async def start(self, host: str, port: int) -> None:
        """Start listening. Raise OSError when the port is taken."""
        self._host = host
        self._transport = RememberingTransport(local_addr=(host, port))
        self._uas = SipUAS(self._transport, user_agent="Klik-ON")
        self._uas.on_invite = self._invited
        self._uas.on_reinvite = lambda call: call.accept(call.sdp_answer)
        self._uas.on_bye = lambda call, _request: self._gone(call.call_id)
        self._uas.on_cancel = lambda request, _address: self._cancelled(request.call_id or "")
        self._uas.on_ack_timeout = lambda call: self._gone(call.call_id)
        await self._uas.start()
        self._inner = self._transport.on_message
        self._transport.on_message = self._transport.receive
        self._transport.on_request = self._received

    @property
    def port(self) -> int:
        return int(self._here()[1])

    @property
    def calls(self) -> int:
        """Return how many calls are on the line or ring."""
        return len(self._tasks)

    async def stop(self) -> None:
        """Stop; callers on the line hear it end."""
        for line in list(self._lines.values()):
            await line.hang_up()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._uas.stop()

    def _received(self, request: SipRequest, address: Address) -> None:
        """Handle any packet: its sender gets an answer, and no other call is disturbed."""
        try:
            self._take(request, address)
        except ValueError as error:  # aiosipua parses numbers only where they are used
            log.warning("sip: %.20r from %s makes no sense: %.60r", request.method, address, error)
            if request.method.upper() != "ACK":
                self._answer(request, 400, "Bad Request")

    def _take(self, request: SipRequest, address: Address) -> None:
        method = request.method.upper()
        if not self._trust.is_known(address):
            if method != "ACK":
                self._answer(request, 403, "Forbidden")
        elif method == "REGISTER":
            self._register(request, address)
        elif method == "INFO":
            self._info(request)
        elif method == "INVITE" and not request.call_id:
            self._answer(request, 400, "Bad Request")  # calls without an id would be one call
        elif method == "INVITE" and self._is_doubled(request):
            self._answer(request, 482, "Loop Detected")
        elif self._inner is not None:
            self._inner(request, address)

    def _is_doubled(self, request: SipRequest) -> bool:
        """Return whether a ringing call arrives again by another way (RFC 3261, 8.2.2.2)."""
        call_id = request.call_id or ""
        return call_id in self._tasks and call_id not in self._lines

    def _register(self, request: SipRequest, address: Address) -> None:
        wanted = request.get_header("expires") or ""
        seconds = int(wanted) if _SECONDS.fullmatch(wanted) else REGISTERED_FOR
        if self._trust.register(request, address, seconds):
            self._answer(request, 200, "OK", seconds=min(seconds, REGISTERED_FOR))
        else:
            self._answer(request, 403, "Forbidden")

    def _info(self, request: SipRequest) -> None:
        line = self._lines.get(request.call_id or "")
        self._answer(request, *((200, "OK") if line else (481, "Call Does Not Exist")))
        if line and (request.content_type or "").startswith("application/dtmf"):
            line.digit(_digit_of(request.text))

    def _invited(self, call: IncomingCall) -> None:
        number = self._trust.caller(call.invite, call.source_addr)
        if number is None:
            call.reject(403, "Forbidden")
        elif f"sip:{SERVICE}@" not in call.invite.uri:
            call.reject(404, "Not Found")
        elif len(self._tasks) >= settings.IVR_SIP_CALLS:
            call.reject(486, "Busy Here")
        elif call.sdp_offer is None or not can_be_answered(call.sdp_offer, self._here()[0]):
            call.reject(488, "Not Acceptable Here")
        else:
            task = asyncio.create_task(self._serve(call, call.sdp_offer, number))
            self._tasks[call.call_id] = task
            task.add_done_callback(lambda _task: self._ended(call.call_id))
            return
        self._forget(call.call_id)

    async def _serve(self, call: IncomingCall, offer: SdpMessage, number: str) -> None:
        call_id, line = call.call_id, None
        try:
            call.ringing()
            await asyncio.sleep(self._rings)
            media = await self._media(offer)
            line = self._lines[call_id] = SipLine(call, media, Sender(media, call.source_addr[0]))
            call.accept(media.sdp_answer)
            await carry(
                line,
                adapter=Adapter.SIP,
                call_id=call_id,
                number=number,
                care=False,
                pool=self._pool,
            )
        except asyncio.CancelledError:
            log.info("sip: a call ended before it was answered, or with the server")
        except Exception:
            log.exception("sip: a call failed")
            with suppress(Exception):
                call.hangup()
        finally:
            if call.dialog.state is DialogState.EARLY:
                with suppress(Exception):
                    call.reject(503, "Service Unavailable")
            self._lines.pop(call_id, None)
            if line is not None:
                await line.close()

    async def _media(self, offer: SdpMessage) -> CallSession:
        """Return an RTP session on the next free pair of ports."""
        pairs = (self._last_port - self._first_port) // 2
        for _try in range(pairs):
            port = self._first_port + next(self._ports) % (pairs * 2)
            media = CallSession(
                self._host,
                port,
                offer,
                supported_codecs=[PCMA, PCMU],
                dtmf_payload_type=event_type(offer),
                plc=False,
            )
            try:
                await media.start()
            except OSError:
                await media.close()
            else:
                return media
        raise OSError("no RTP port is free")

    def _here(self) -> tuple[Any, ...]:
        udp = self._transport._udp_transport
        if udp is None:
            raise OSError("the line is not started")
        here: tuple[Any, ...] = udp.get_extra_info("sockname")
        return here

    def _gone(self, call_id: str) -> None:
        """End the call after BYE, CANCEL or a missing ACK; only confirmed acts happen."""
        if line := self._lines.get(call_id):
            line.gone()
        elif task := self._tasks.get(call_id):
            task.cancel()

    def _cancelled(self, call_id: str) -> None:
        """Hang up when the call was just answered, too late for a CANCEL (RFC 3261, 9.2)."""
        if line := self._lines.get(call_id):
            line.drop()
        self._gone(call_id)

    def _ended(self, call_id: str) -> None:
        """Forget a call that ended, also one that was cancelled before its task began."""
        self._tasks.pop(call_id, None)
        self._forget(call_id)

    def _forget(self, call_id: str) -> None:
        # aiosipua keeps a call that we ended ourselves forever.
        self._uas._calls.pop(call_id, None)

    def _answer(self, request: SipRequest, code: int, reason: str, seconds: int = -1) -> None:
        response = SipResponse(status_code=code, reason_phrase=reason)
        if not request.headers.get("via"):
            return  # the request names no address for an answer
        for via in request.headers.get("via"):
            response.headers.append("Via", via)
        for name in ("From", "To", "Call-ID", "CSeq"):
            if value := request.get_header(name):
                tagged = name != "To" or ";tag=" in value
                response.headers.set_single(name, value if tagged else f"{value};tag=klikon")
        if seconds >= 0:
            if contact := request.get_header("contact"):
                response.headers.set_single("Contact", f"{contact};expires={seconds}")
            response.headers.set_single("Expires", str(seconds))
        self._transport.send_reply(response)


def _digit_of(body: str) -> str:
    """Return the digit of Signal=5 (application/dtmf-relay) or 5 (application/dtmf)."""
    for line in body.splitlines():
        name, equals, value = line.partition("=")
        if not equals or name.strip().lower() == "signal":
            return (value if equals else name).strip()
    return ""

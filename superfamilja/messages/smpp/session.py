"""One connection to the centre, bound as a transceiver: parts go out, answers and receipts come in.

One thread owns it. Everything here is memory and network; the ledger is written by `bind`.
"""

import logging
import select
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from smpplib import exceptions, smpp
from smpplib.client import Client

from superfamilja.messages.ledger.book import PartAnswer
from superfamilja.messages.ledger.matching import Report, reference_of
from superfamilja.messages.smpp import reports
from superfamilja.messages.smpp.coding import UDHI, Piece
from superfamilja.messages.smpp.options import SmppOptions

THROTTLED = {0x58, 0x14}  # ESME_RTHROTTLED, ESME_RMSGQFUL
_LONGEST_PDU = 70_000  # a payload has at most 64 KiB
_REGISTERED = 1
_LATE_KEPT = 10_000
_AT_ONCE = 200  # PDUs that are read before what they say is written down

log = logging.getLogger(__name__)


class LinkLost(Exception):  # noqa: N818
    """The connection is of no use any more. Its text has no number and no words of an SMS."""


@dataclass
class Heard:
    """What one look at the connection brought."""

    answers: list[PartAnswer] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    to_acknowledge: list[int] = field(default_factory=list)
    written: list[tuple[str, str]] = field(default_factory=list)  # number, text: of phones
    throttled: int = 0


class _Line(Client):  # type: ignore[misc]
    """The library's client, with bounds: it believes any length, and keeps no octets."""

    raw = b""

    def _create_socket(self) -> socket.socket:
        """Check the certificate against the name; IPv6 as well."""
        raw = socket.create_connection((self.host, self.port), timeout=self.timeout)
        if self._ssl_context is None:
            return raw
        context: ssl.SSLContext = self._ssl_context
        return context.wrap_socket(raw, server_hostname=self.host)

    def connect(self) -> None:
        try:
            self._socket = self._create_socket()
        except OSError as error:
            raise exceptions.ConnectionError(type(error).__name__) from error
        self.state = 1  # open

    def _recv_exact(self, exact_size: int) -> bytes:
        if not 0 < exact_size <= _LONGEST_PDU:
            raise exceptions.PDUError("A PDU of an impossible length")
        self.raw = super()._recv_exact(exact_size)
        return self.raw

    @property
    def socket(self) -> Any:
        return self._socket


class Session:
    """A bound connection and its window: parts that left and have no answer yet."""

    def __init__(self, line: _Line, options: SmppOptions) -> None:
        self._line, self._options = line, options
        self._waiting: dict[int, tuple[int, float]] = {}  # sequence → part, until when
        self._late: dict[int, int] = {}  # those that we wait for no longer
        self._heard_at = self._asked_at = monotonic()
        self._lost: LinkLost | None = None

    @property
    def room(self) -> int:
        """How many more parts may be on their way."""
        return self._options.window - len(self._waiting)

    def submit(self, part_pk: int, to: str, piece: Piece, validity: str) -> None:
        """Send one part. Raises LinkLost."""
        ton, npi = self._options.source_kind
        body = {"message_payload": piece.octets} if piece.is_payload else {}
        reference = {"user_message_reference": reference_of(part_pk)}
        pdu = smpp.make_pdu(
            "submit_sm",
            client=self._line,
            source_addr_ton=ton,
            source_addr_npi=npi,
            source_addr=self._options.source,
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr=to.lstrip("+"),
            esm_class=UDHI if piece.has_head else 0,
            validity_period=validity,
            registered_delivery=_REGISTERED,
            data_coding=piece.data_coding,
            short_message=b"" if piece.is_payload else piece.octets,
            **body,
            **(reference if self._options.sends_reference else {}),
        )
        # Before it leaves: should the write fail half way, the part is among those without answer.
        self._waiting[pdu.sequence] = (part_pk, monotonic() + self._options.answer_within)
        self._send(pdu)

    def listen(self, seconds: float) -> Heard:
        """Read what is there, waiting that long for the first word. Raises LinkLost.

        What was heard before the link broke counts: the next call raises.
        """
        if self._lost is not None:
            raise self._lost
        heard = Heard()
        try:
            self._listen(seconds, heard)
        except LinkLost as error:
            self._lost = error
        return heard

    def _listen(self, seconds: float, heard: Heard) -> None:
        for _ in range(_AT_ONCE):
            if not self._is_readable(seconds):
                break
            seconds = 0
            self._take(self._read(), heard)
        self._keep_alive()

    def acknowledge(self, sequences: list[int]) -> None:
        """Answer receipts, once what they say is written down. Raises LinkLost."""
        for sequence in sequences:
            self._respond("deliver_sm_resp", sequence)

    def overdue(self) -> list[int]:
        """Return, once, the parts that the centre did not answer in time."""
        now = monotonic()
        late = [sequence for sequence, (_part, until) in self._waiting.items() if until <= now]
        return [self._give_up(sequence) for sequence in late]

    def unanswered(self) -> list[int]:
        """Return all parts that are on their way: the connection is over."""
        return [part for part, _until in self._waiting.values()]

    def unbind(self) -> None:
        """Say goodbye; the answer does not matter."""
        self._send(smpp.make_pdu("unbind", client=self._line))

    def _give_up(self, sequence: int) -> int:
        """Return its part, which leaves the window; a late answer still tells what became of it."""
        part, _until = self._waiting.pop(sequence)
        self._late[sequence] = part
        if len(self._late) > _LATE_KEPT:
            self._late.pop(next(iter(self._late)))
        return part

    def _take(self, pdu: Any, heard: Heard) -> None:
        self._heard_at = monotonic()
        if pdu.command == "submit_sm_resp":
            self._take_answer(pdu, heard)
        elif pdu.command in ("deliver_sm", "data_sm"):
            self._take_delivery(pdu, heard)
        elif pdu.command == "enquire_link":
            self._respond("enquire_link_resp", pdu.sequence)
        elif pdu.command == "generic_nack":
            self._take_answer(pdu, heard)
        elif pdu.command == "unbind":
            self._respond("unbind_resp", pdu.sequence)
            raise LinkLost("the centre unbound")

    def _take_answer(self, pdu: Any, heard: Heard) -> None:
        late = self._late.pop(pdu.sequence, None)
        part, _until = self._waiting.pop(pdu.sequence, (late, 0.0))
        if part is None:
            return
        heard.throttled += pdu.status in THROTTLED
        said = getattr(pdu, "message_id", None) or b""
        heard.answers.append(PartAnswer(part, pdu.status, said.decode("ascii", "replace").strip()))

    def _take_delivery(self, pdu: Any, heard: Heard) -> None:
        heard.to_acknowledge.append(pdu.sequence)
        if not reports.is_receipt(pdu):
            heard.written.append((_digits(pdu.source_addr), ""))
        elif report := reports.report_of(pdu, self._line.raw):
            heard.reports.append(report)
        else:
            log.warning("A receipt of the SMS centre has no id or no state.")

    def _keep_alive(self) -> None:
        """Ask whether the centre is there; a link that stays silent is none."""
        now = monotonic()
        if self._asked_at > self._heard_at:
            if now - self._asked_at > self._options.answer_within:
                raise LinkLost("the centre does not answer enquire_link")
        elif now - self._heard_at >= self._options.enquire_every:
            self._asked_at = now
            self._send(smpp.make_pdu("enquire_link", client=self._line))

    def _respond(self, command: str, sequence: int) -> None:
        pdu = smpp.make_pdu(command, client=self._line)
        pdu.sequence = sequence
        self._send(pdu)

    def _is_readable(self, seconds: float) -> bool:
        pending = getattr(self._line.socket, "pending", None)
        if pending is not None and pending():
            return True
        return bool(select.select([self._line.socket], [], [], seconds)[0])

    def _read(self) -> Any:
        """One PDU. Half of one that does not go on within the time is a lost link: what the library
        has read of it is gone."""
        with _as_lost_link():
            pdu = self._line.read_pdu()
        if pdu is None:
            raise LinkLost("a PDU of an unknown command")
        return pdu

    def _send(self, pdu: Any) -> None:
        with _as_lost_link():
            self._line.send_pdu(pdu)


@contextmanager
def bound(options: SmppOptions) -> Iterator[Session]:
    """A session that is bound; it is unbound on the way out. Raises LinkLost."""
    context = ssl.create_default_context() if options.uses_tls else None
    line = _Line(
        options.host,
        options.port,
        timeout=options.answer_within,
        ssl_context=context,
        allow_unknown_opt_params=True,
        logger_name="smpplib.client",
    )
    try:
        with _as_lost_link():
            line.connect()
            line.bind_transceiver(
                system_id=options.system_id,
                password=options.password,
                system_type=options.system_type,
                interface_version=0x34,
            )
        yield Session(line, options)
    finally:
        line.state = 1  # whatever the library believes: it warns of a bound line
        line.disconnect()


@contextmanager
def _as_lost_link() -> Iterator[None]:
    """Whatever the network or a broken PDU raises in the library. A PDU's own words stay out."""
    try:
        yield
    except LinkLost:
        raise
    except exceptions.PDUError as error:
        status = error.args[1] if len(error.args) > 1 else error.args[0]
        raise LinkLost(f"refused: {status}") from None
    except Exception as error:
        raise LinkLost(type(error).__name__) from None


def _digits(octets: bytes | None) -> str:
    return (octets or b"").decode("ascii", "replace").strip("\0+ ")

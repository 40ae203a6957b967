"""Keep one connection bound, and pass through it what is due, as much as the centre bears."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import uniform
from threading import Event
from time import monotonic

from django.db import connection

from superfamilja.epoch import standing
from superfamilja.messages import delivery
from superfamilja.messages.ledger import book
from superfamilja.messages.models import OutgoingMessage
from superfamilja.messages.smpp import coding
from superfamilja.messages.smpp.options import SmppOptions
from superfamilja.messages.smpp.pace import Pace
from superfamilja.messages.smpp.session import THROTTLED, Heard, LinkLost, Session, bound

# Statuses that no second try changes: the message's length, the number, a permanent no.
PERMANENT = {0x01: "invalid length", 0x0B: "unknown number", 0x65: "refused", 0x66: "refused"}
_LISTEN = 0.05  # seconds, while something is on its way
_LOOK = 0.5  # seconds between two looks at an empty outbox
_FIRST_WAIT = 1.0
_TOGETHER = 10  # messages written down at once: as many are in doubt when the process is killed

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]
Claimed = tuple[OutgoingMessage, list[coding.Piece]]


@dataclass
class Bind:
    """One connection's life: bind, work, lose it, wait, bind again. One thread runs it."""

    name: str
    options: SmppOptions
    clock: Clock
    over: Event = field(default_factory=Event)
    _looked_at: float = field(default=float("-inf"), init=False)
    _wait: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._wait = self._first_wait

    @property
    def _first_wait(self) -> float:
        return min(_FIRST_WAIT, self.options.longest_wait)

    def run(self) -> None:
        """Work until `over` is set. Nothing ends it: what fails is tried again."""
        while not self.over.is_set():
            try:
                self._once()
            except LinkLost as error:
                log.warning("SMS centre, %s: %s; again in %.0f s", self.name, error, self._wait)
            except (
                Exception
            ) as error:  # the database is away, or a fault: its text may carry numbers
                log.error("SMS gateway, %s: %s", self.name, type(error).__name__)
            finally:
                connection.close()
            self.over.wait(self._wait * uniform(0.8, 1.2))  # noqa: S311 - not a secret
            self._wait = min(self._wait * 2, self.options.longest_wait)

    def _once(self) -> None:
        """One bind, until it is lost. While the database stands still (R36) nobody binds: receipts
        wait at the centre for the database that sent."""
        if standing.why_halted():
            return
        with bound(self.options) as session:
            log.info("SMS centre, %s: bound", self.name)
            self._wait = self._first_wait
            try:
                self._work(session)
            finally:
                self._silent(session.unanswered())

    def _work(self, session: Session) -> None:
        pace = Pace(self.options.rate)
        while not self.over.is_set() and not standing.why_halted():
            busy = self._pass_on(session, pace)
            heard = session.listen(_LISTEN if busy or session.room < self.options.window else _LOOK)
            self._write_down(session, heard, pace)
            self._silent(session.overdue())
        self._finish(session, pace)

    def _finish(self, session: Session, pace: Pace) -> None:
        """Hear the answers to what is on its way, then say goodbye."""
        until = monotonic() + self.options.answer_within
        while session.room < self.options.window and monotonic() < until:
            self._write_down(session, session.listen(_LISTEN), pace)
        session.unbind()

    def _pass_on(self, session: Session, pace: Pace) -> bool:
        """Send what is due, as far as window and pace allow. Returns whether there was any."""
        now = monotonic()
        room = min(session.room, pace.may_send(now))
        if room < 1 or (room < self.options.window and now - self._looked_at < _LISTEN):
            return False
        self._looked_at = now
        claimed = claim(self.clock(), room, self.options)
        for begin in range(0, len(claimed), _TOGETHER):
            if monotonic() - now > self.options.answer_within:
                break  # we were held up so long that their lease may end: they come again
            self._submit(session, pace, claimed[begin : begin + _TOGETHER])
        return bool(claimed)

    def _submit(self, session: Session, pace: Pace, claimed: list[Claimed]) -> None:
        """Write down that the parts leave, then send them: a part without a row never left."""
        at = self.clock()
        parts = [(message, piece) for message, pieces in claimed for piece in pieces]
        rows = book.leaving(
            [(message, piece.number, piece.total) for message, piece in parts],
            way=self.name,
            at=at,
        )
        for row, (message, piece) in zip(rows, parts, strict=True):
            session.submit(row.pk, message.recipient, piece, _validity(message, at))
        pace.sent(len(parts))

    def _write_down(self, session: Session, heard: Heard, pace: Pace) -> None:
        for answer in heard.answers:
            if answer.status in THROTTLED:
                pace.throttled(monotonic())
            elif answer.status == book.OK:
                pace.taken()
        if heard.answers or heard.reports:
            at = self.clock()
            book.record(heard.answers, heard.reports, at=at)
            refused(heard.answers, at)
        if heard.to_acknowledge:
            session.acknowledge(heard.to_acknowledge)

    def _silent(self, part_pks: list[int]) -> None:
        if part_pks:
            at = self.clock()
            for message in book.fall_silent(part_pks, at=at):
                delivery.outcome_unknown(message, at, timedelta(seconds=self.options.again_after))


def claim(at: datetime, room: int, options: SmppOptions) -> list[Claimed]:
    """Take due messages of at most `room` parts, each with the parts that have not arrived.

    A message of which an earlier try was never answered is sent again only if its kind may be.
    """
    taken: list[Claimed] = []
    parts = 0
    # A text has up to three parts as a rule; what does not fit would have to be put back.
    many, lease = max(1, room // 3), timedelta(seconds=options.lease)
    for message in delivery.claim(at, many, lease=lease):
        if delivery.not_ready(message, at):
            continue
        pieces = _pieces(message, options)
        if taken and parts + len(pieces) > room:
            delivery.put_back(message, at)
            continue
        taken.append((message, pieces))
        parts += len(pieces)
    return taken


def _pieces(message: OutgoingMessage, options: SmppOptions) -> list[coding.Piece]:
    arrived = set(
        message.submitted_parts.filter(status=book.OK).values_list("part", flat=True)
        if message.attempts > 1
        else ()
    )
    text = message.text or ""
    whole = coding.pieces(text, reference=message.pk, long_as=options.long_as)
    return [piece for piece in whole if piece.number not in arrived]


def refused(answers: list[book.PartAnswer], at: datetime) -> None:
    """What becomes of messages to which the centre said no: later, or never."""
    for answer in answers:
        if answer.status == book.OK:
            continue
        message = OutgoingMessage.objects.get(submitted_parts=answer.part_pk)
        if answer.status in THROTTLED:
            delivery.busy(message, at)
        elif answer.status in PERMANENT:
            delivery.give_up(message, PERMANENT[answer.status])
        else:
            delivery.try_later(message, f"SMPP {answer.status:#x}", at)


def _validity(message: OutgoingMessage, at: datetime) -> str:
    """Until when the centre may try, relative; empty: as long as it likes."""
    if message.expires_at is None:
        return ""
    seconds = max(int((message.expires_at - at).total_seconds()), 60)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    return f"0000{min(days, 30):02d}{hour:02d}{minute:02d}{second:02d}000R"

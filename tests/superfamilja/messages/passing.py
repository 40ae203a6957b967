"""A gateway of the tests: the real one in a thread, bound to the tests' own centre."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

from django.utils import timezone

from superfamilja.messages import outbox
from superfamilja.messages.models import OutgoingMessage
from superfamilja.messages.outbox import Sms
from superfamilja.messages.smpp import gateway
from superfamilja.messages.smpp.options import SmppOptions
from tests.smsc.centre import Centre

_names = count(1)
_numbers = count(1_000_000)
CODE, MONEY, NOTICE = "sign_in_code", "activation_receipt", "leader_gave_back"
FACTS: dict[str, dict[str, str | int]] = {
    CODE: {"code": "482913"},
    MONEY: {
        "is_member": 1,
        "is_leader": 0,
        "is_payer": 0,
        "member_name": "Besnik D'Angelo",
        "leader_name": "Çlirim O'Hëna",
        "package": "Super 700",
        "until": "03.12.2026",
        "charged_lek": 500,
        "list_price_lek": 700,
        "room_left_lek": 6000,
        "limit_lek": 6500,
        "month": "11/2026",
        "reference": "KN-7QX-4PW-R2AR",
    },
    NOTICE: {
        "is_payer": 1,
        "is_leader": 0,
        "leader_name": "Elira Dardha",
        "leader_number": "+355671234567",
    },
}


def options(centre: Centre, **changed: Any) -> SmppOptions:
    """In seconds what takes minutes."""
    usual: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": centre.port,
        "system_id": "klik-on",
        "password": "secret",
        "answer_within": 1.0,
        "enquire_every": 1.0,
        "longest_wait": 0.1,
        "again_after": 0.1,
    }
    return SmppOptions(**{**usual, **changed})


@contextmanager
def passing(centre: Centre, **changed: Any) -> Iterator[None]:
    """The gateway runs within."""
    over = Event()
    thread = Thread(target=gateway.run, args=(options(centre, **changed), timezone.now, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(30)
        assert not thread.is_alive()


def written(template: str = MONEY, **changed: Any) -> OutgoingMessage:
    """A message that waits, to a number of its own."""
    name = f"smpp {next(_names)}"
    usual: dict[str, Any] = {
        "to": f"+35567{next(_numbers)}",
        "template": template,
        "language": "en" if template == CODE else "sq",  # one part, and two
        "why": "passing",
        "about": name,
        "contract_number": "",
        "parameters": FACTS.get(template, {}),
    }
    outbox.write([Sms(**{**usual, **changed})], at=timezone.now())
    return OutgoingMessage.objects.get(about=changed.get("about", name))


def fate(message: OutgoingMessage) -> tuple[str, str]:
    message.refresh_from_db()
    return message.state, message.delivery


def wait_until(done: Callable[[], bool], seconds: float = 20) -> None:
    """Look again and again; fails when it takes too long."""
    deadline = monotonic() + seconds
    while not done():
        assert monotonic() < deadline, "it did not come to pass"
        sleep(0.02)


def becomes(message: OutgoingMessage, state: str, delivery: str, seconds: float = 20) -> None:
    """Wait for that fate."""
    deadline = monotonic() + seconds
    while fate(message) != (state, delivery):
        assert monotonic() < deadline, (fate(message), message.last_error)
        sleep(0.02)


def times(centre: Centre, message: OutgoingMessage) -> int:
    """How many parts of it the centre took over."""
    return sum(part.to == message.recipient[1:] for part in centre.taken())

"""kill -9 of the SMS gateway at six points: what each message is then, and how often it left."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as ours

from superfamilja.messages.models import OutgoingMessage, Receipt
from tests.faults.conftest import environment
from tests.faults.paused import SENDS_ALL_AGAIN
from tests.smsc.centre import Centre, running
from tests.superfamilja.messages.passing import (
    CODE,
    becomes,
    passing,
    times,
    wait_until,
    written,
)

pytestmark = pytest.mark.django_db(transaction=True)

MONEY = "activation_reversed"
DELIVERED, HANDED_OVER, UNKNOWN = ("sent", "delivered"), ("sent", ""), ("unknown", "")
FACTS: dict[str, str | int] = {
    "is_member": 1,
    "is_leader": 0,
    "is_payer": 0,
    "member_name": "Besnik",
    "package": "Super 700",
    "charged_lek": 500,
    "room_left_lek": 6000,
    "month": "11/2026",
    "reference": "KN-7QX-4PW-R2AR",
}
# Point → kind → (what it is in the end, how often it left) when receipts come, and when none does.
MATRIX = {
    "SMS claimed": {
        CODE: ((DELIVERED, 1), (HANDED_OVER, 1)),
        MONEY: ((DELIVERED, 1), (HANDED_OVER, 1)),
    },
    "SMS written down, not sent": {
        CODE: ((DELIVERED, 1), (HANDED_OVER, 1)),
        MONEY: ((UNKNOWN, 0), (UNKNOWN, 0)),
    },
    "SMS sent, not answered": {
        CODE: ((DELIVERED, 1), (HANDED_OVER, 2)),
        MONEY: ((DELIVERED, 1), (UNKNOWN, 1)),
    },
    "SMS answered, not recorded": {
        CODE: ((DELIVERED, 1), (HANDED_OVER, 2)),
        MONEY: ((DELIVERED, 1), (UNKNOWN, 1)),
    },
    "receipt heard, not recorded": {CODE: ((DELIVERED, 1),), MONEY: ((DELIVERED, 1),)},
    "receipt recorded, not acknowledged": {CODE: ((DELIVERED, 1),), MONEY: ((DELIVERED, 1),)},
}
CASES = [
    (point, kind, receipts, *outcome)
    for point, kinds in MATRIX.items()
    for kind, outcomes in kinds.items()
    for receipts, outcome in zip((1, 0), outcomes, strict=False)
]


@pytest.fixture
def centre() -> Iterator[Centre]:
    OutgoingMessage.objects.filter(state="queued").update(state="failed")
    with running() as one:
        yield one


@contextmanager
def gateway(centre: Centre, folder: Path, moment: str = "") -> Iterator["subprocess.Popen[bytes]"]:
    """The gateway's own process, killed on the way out."""
    folder.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.paused", moment, str(folder), "sms_gateway"],
        cwd=ours.BASE_DIR,
        env={
            **environment(""),
            "SMS_TRANSPORT": "superfamilja.messages.transports.smpp.send",
            "SMPP_HOST": "127.0.0.1",
            "SMPP_PORT": str(centre.port),
            "SMPP_SYSTEM_ID": "klik-on",
            "SMPP_PASSWORD": "secret",
            "SMPP_ANSWER_SECONDS": "1",
            "SMPP_LONGEST_WAIT": "0.2",
            "SMS_AGAIN_AFTER": "0.2",
        },
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def killed_at(point: str, centre: Centre, folder: Path) -> None:
    with gateway(centre, folder, point) as process:
        wait_until((folder / "here-1").exists, seconds=60)
        os.kill(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case[:3])))
def test_killed_there(centre: Centre, tmp_path: Path, case: tuple[Any, ...]) -> None:
    point, kind, receipts, fate, left = case
    centre.behave(receipts=receipts)
    message = short(kind)
    killed_at(point, centre, tmp_path / "first")
    with passing(centre):
        becomes(message, *fate, seconds=60)
    assert times(centre, message) == left
    assert Receipt.objects.filter(recipient=message.recipient).count() == (fate == DELIVERED)


def short(kind: str) -> OutgoingMessage:
    """A message of one part."""
    return written(kind) if kind == CODE else written(kind, parameters=FACTS, language="en")


def test_control_a_gateway_that_sends_everything_again_tells_money_twice(
    centre: Centre, tmp_path: Path
) -> None:
    centre.behave(receipts=0)
    message = short(MONEY)
    killed_at("SMS sent, not answered", centre, tmp_path / "first")
    with gateway(centre, tmp_path / "second", SENDS_ALL_AGAIN):
        becomes(message, "sent", "", seconds=60)
    assert times(centre, message) == 2


def test_asked_to_end_it_waits_for_what_is_on_its_way(centre: Centre, tmp_path: Path) -> None:
    centre.behave(delay=0.5, receipts=0)
    message = short(MONEY)
    with gateway(centre, tmp_path / "only") as process:
        wait_until(lambda: times(centre, message) == 1, seconds=60)
        process.terminate()
        assert process.wait(30) == 0
    message.refresh_from_db()
    assert (message.state, message.delivery) == HANDED_OVER
    assert centre.seen()["unbinds"] == 1

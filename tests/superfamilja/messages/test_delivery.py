"""A due message is sent once, outside of any transaction, and its outcome is recorded."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from procrastinate.contrib.django import app
from pytest_django import Settings

from superfamilja.messages import delivery, outbox, tasks, templates
from superfamilja.messages.delivery import deliver_all, deliver_due
from superfamilja.messages.models import OutgoingMessage
from superfamilja.messages.transports import PermanentError, TemporaryError
from tests.concurrency.racing import DONE, race
from tests.factories import at
from tests.superfamilja.messages import gateway
from tests.superfamilja.messages.test_outbox import sms

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")
SAID = "Klik-ON: keni Super 700 deri më 03.12.2026. E aktivizoi: Elira. Ref. KN-7QX-4PW-R2AR"


@pytest.fixture(autouse=True)
def our_gateway(settings: Settings) -> Iterator[None]:
    settings.SMS_TRANSPORT = gateway.HERE
    gateway.took.clear()
    yield
    gateway.faults.clear()


def write_message(**changed: Any) -> OutgoingMessage:
    outbox.write([sms(**changed)], at=NOW)
    return OutgoingMessage.objects.latest("pk")


def after(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def fate(message: OutgoingMessage) -> tuple[str, int, str]:
    message.refresh_from_db()
    return message.state, message.attempts, message.last_error


def test_what_is_due_is_sent_and_its_words_are_kept() -> None:
    message = write_message()
    assert deliver_due(NOW) == {"sent": 1}
    assert fate(message) == ("sent", 1, "")
    assert (message.text, message.segments, message.sent_at) == (SAID, 2, NOW)
    assert gateway.took == {message.message_id: [("+355671234567", SAID)]}


def test_a_second_run_sends_nothing_again() -> None:
    message = write_message()
    deliver_due(NOW)
    assert deliver_due(after(60 * 24)) == {}
    assert len(gateway.took[message.message_id]) == 1


def test_nothing_is_sent_before_it_is_due() -> None:
    write_message(due_at=after(30))
    assert deliver_due(after(29)) == {}
    assert deliver_due(after(30)) == {"sent": 1}


def test_what_has_expired_is_not_sent() -> None:
    message = write_message(expires_at=after(5))
    assert deliver_due(after(5)) == {"failed": 1}
    assert fate(message) == ("failed", 1, "expired")
    assert gateway.took == {}


def test_the_oldest_go_first_and_no_more_than_asked_for() -> None:
    first, second = write_message(), write_message(to="+355671234568", due_at=after(1))
    assert deliver_due(after(2), limit=1) == {"sent": 1}
    assert (fate(first)[0], fate(second)[0]) == ("sent", "queued")


def test_what_can_never_arrive_fails_at_once() -> None:
    message = write_message()
    with gateway.raising(PermanentError("unknown number")):
        assert deliver_due(NOW) == {"failed": 1}
    assert fate(message) == ("failed", 1, "unknown number")
    assert message.sent_at is None


def test_what_may_work_later_is_tried_after_one_two_and_four_minutes() -> None:
    message = write_message()
    for attempt, minutes in enumerate([0, 1, 3], start=1):
        with gateway.raising(TemporaryError("busy")):
            assert deliver_due(after(minutes)) == {"later": 1}
        assert fate(message) == ("queued", attempt, "busy")
    assert deliver_due(after(6)) == {}
    assert deliver_due(after(7)) == {"sent": 1}
    assert fate(message) == ("sent", 4, "")


def test_after_a_day_of_trying_it_is_given_up() -> None:
    message = write_message()
    with gateway.raising(TemporaryError("busy")):
        assert deliver_due(after(24 * 60)) == {"failed": 1}
    assert fate(message) == ("failed", 1, "busy")


def test_a_try_that_would_come_after_its_end_is_not_waited_for() -> None:
    message = write_message(expires_at=after(1))
    with gateway.raising(TemporaryError("busy")):
        assert deliver_due(NOW) == {"failed": 1}
    assert fate(message) == ("failed", 1, "busy")


def test_a_lost_outcome_comes_again_with_the_same_id_and_words(
    settings: Settings, tmp_path: Path
) -> None:
    message = write_message()
    delivery._claim(NOW, 1)  # and its process dies here
    settings.SMS_TEMPLATE_DIRS = [tmp_path]  # the template has changed by then
    assert deliver_due(after(9)) == {}
    assert deliver_due(after(10)) == {"sent": 1}
    assert fate(message) == ("sent", 2, "")
    assert gateway.took == {message.message_id: [("+355671234567", SAID)]}


def test_a_worker_that_returns_after_its_lease_overwrites_nothing() -> None:
    message = write_message()
    mine = delivery._claim(NOW, 1)[0]
    deliver_due(after(10))
    with gateway.raising(PermanentError("refused")):
        delivery._deliver(mine, gateway.send, after(11))
    assert fate(message) == ("sent", 2, "")


@pytest.mark.parametrize("template", ["no_such_message", "cap_warning"])
def test_a_message_without_words_waits_and_stops_no_other(template: str) -> None:
    unsayable, sayable = write_message(template=template), write_message(to="+355671234568")
    assert deliver_due(NOW) == {"later": 1, "sent": 1}
    assert fate(unsayable) == ("queued", 1, "cannot be said")
    assert fate(sayable)[0] == "sent"


def test_a_fault_of_the_transport_stops_nobody_and_tells_the_log_no_number(
    caplog: pytest.LogCaptureFixture,
) -> None:
    faulty, other = write_message(), write_message(to="+355671234568")
    with gateway.raising(ValueError("+355671234567 Klik-ON: keni")):
        assert deliver_due(NOW) == {"later": 1, "sent": 1}
    assert fate(faulty) == ("queued", 1, "ValueError")
    assert fate(other)[0] == "sent"
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "671234567" not in caplog.text
    assert "Klik-ON" not in caplog.text


def test_a_number_in_a_gateway_s_answer_is_not_kept() -> None:
    message = write_message()
    with gateway.raising(PermanentError("rejected +355671234567")):
        deliver_due(NOW)
    assert fate(message) == ("failed", 1, "rejected ***567")


def test_delivering_ends_when_the_way_is_shut() -> None:
    outbox.write([sms(to=f"+3556712345{n:02d}") for n in range(45)], at=NOW)
    with gateway.raising(*[TemporaryError("no connection")] * 20):
        assert deliver_all(lambda: NOW) == {"later": 20}
    assert deliver_all(lambda: NOW) == {"sent": 25}


def test_the_command_delivers_all_that_is_due(capsys: pytest.CaptureFixture[str]) -> None:
    outbox.write([sms(to=f"+3556712345{n:02d}") for n in range(45)], at=NOW)
    with gateway.raising(PermanentError("unknown number")):
        call_command("deliver_messages")
    said = capsys.readouterr().out
    assert "44" in said
    assert "1" in said
    assert OutgoingMessage.objects.filter(state="sent").count() == 44


@pytest.mark.django_db(transaction=True)
def test_procrastinate_s_worker_finds_the_task_and_delivers() -> None:
    message = write_message(about="a worker's")
    tasks.deliver.defer(timestamp=0)

    def work() -> None:
        with app.replace_connector(app.connector.get_worker_connector()) as worker:
            worker.run_worker(
                queues=[tasks.QUEUE], wait=False, install_signal_handlers=False, listen_notify=False
            )

    assert race(work) == {DONE: 1}  # in a thread of its own: browsers keep a loop in this one
    assert fate(message)[0] == "sent"


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError:
        return True
    return False


@pytest.mark.parametrize(
    "change",
    [
        "SET recipient = '+355679999999'",
        "SET template = 'another'",
        "SET parameters = '{}'",
        "SET about = 'KN-0000-0000'",
        "SET due_at = due_at + interval '1 day'",
        "SET text = 'other words'",
        "SET text = NULL",
        "SET sent_at = now()",
        "SET segments = 1",
        "SET state = 'queued', sent_at = NULL",
        "SET state = 'failed', sent_at = NULL",
    ],
)
def test_a_sent_message_is_never_rewritten(change: str) -> None:
    write_message()
    deliver_due(NOW)
    assert refused(f"UPDATE outbox_outgoingmessage {change}")


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM outbox_outgoingmessage",
        "TRUNCATE outbox_outgoingmessage",
        "UPDATE outbox_outgoingmessage SET state = 'sent'",
        "UPDATE outbox_outgoingmessage SET state = 'lost'",
        "UPDATE outbox_outgoingmessage SET next_attempt_at = due_at - interval '1 second'",
    ],
)
def test_the_database_refuses(sql: str) -> None:
    write_message()
    assert refused(sql)


def test_every_message_is_read_once() -> None:
    assert templates.every() is templates.every()

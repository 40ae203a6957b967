"""Two deliveries at once send each message once, and hold no lock while sending."""

from collections import Counter
from itertools import count
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from superfamilja.messages import delivery, outbox
from superfamilja.messages.models import OutgoingMessage
from superfamilja.messages.outbox import Sms
from tests.concurrency.racing import DONE, meeting_before, race
from tests.factories import at
from tests.superfamilja.messages import gateway

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at("2026-11-05 14:05")
_numbers = count(1)
FACTS = {
    "is_payer": 0,
    "percent": 50,
    "spent_lek": 3300,
    "limit_lek": 6500,
    "room_left_lek": 3200,
    "month": "11/2026",
}


@pytest.fixture(autouse=True)
def our_gateway(settings: Settings) -> None:
    settings.SMS_TRANSPORT = gateway.HERE
    gateway.took.clear()
    # Messages of other tests are not ours to send.
    OutgoingMessage.objects.filter(state="queued").update(state="failed")


def three_messages() -> list[int]:
    """Ids of three messages that wait."""
    name = f"race {next(_numbers)}"
    outbox.write(
        [
            Sms(
                to=f"+35567123456{n}",
                template="cap_warning",
                language="sq",
                why="cap_50",
                about=name,
                contract_number="",
                parameters=FACTS,
            )
            for n in range(3)
        ],
        at=NOW,
    )
    return list(OutgoingMessage.objects.filter(about=name).values_list("pk", flat=True))


def times_sent() -> Counter[int]:
    """How many messages the gateway got once, twice, …"""
    return Counter(len(times) for times in gateway.took.values())


def both_deliver() -> None:
    with meeting_before("superfamilja.messages.delivery._take"):
        assert race(lambda: delivery.deliver_due(NOW), lambda: delivery.deliver_due(NOW)) == {
            DONE: 2
        }


def test_of_two_deliveries_one_sends_each_message() -> None:
    three_messages()
    both_deliver()
    assert times_sent() == {1: 3}


def test_control_without_the_row_locks_both_send_it() -> None:
    three_messages()

    def unlocked(query: Any, **_how: Any) -> Any:
        return query

    with mock.patch("django.db.models.query.QuerySet.select_for_update", unlocked):
        both_deliver()
    assert times_sent() == {2: 3}


def test_while_a_message_is_on_its_way_no_lock_is_held() -> None:
    ids = three_messages()
    seen: list[int] = []

    def somebody_locks_them() -> None:
        assert not connection.in_atomic_block

        def lock() -> None:
            with transaction.atomic():
                free = OutgoingMessage.objects.select_for_update(nowait=True).filter(pk__in=ids)
                seen.append(len(free))

        assert race(lock) == {DONE: 1}

    with gateway.meanwhile(somebody_locks_them):
        assert delivery.deliver_due(NOW) == {"sent": 3}
    assert seen == [3, 3, 3]


def test_r23_a_fact_written_twice_at_one_instant_is_told_once() -> None:
    told = Sms(
        to="+355671234599",
        template="cap_warning",
        language="sq",
        why="cap_90",
        about=f"race {next(_numbers)}",
        contract_number="",
        parameters=FACTS,
    )

    def write() -> None:
        outbox.write([told], at=NOW)

    assert race(write, write) == {DONE: 2}
    assert OutgoingMessage.objects.filter(about=told.about).count() == 1

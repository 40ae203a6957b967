"""Ids in every spelling, the pace of a bind, and what the database keeps of parts and receipts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from superfamilja.messages.ledger import book, centre_ids
from superfamilja.messages.models import OutgoingMessage, Receipt
from superfamilja.messages.smpp import coding
from superfamilja.messages.smpp.pace import Pace
from superfamilja.messages.templates import every
from tests.superfamilja.messages.passing import MONEY, written


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("12107289", "12107289"),
        ("00B8BE19", "b8be19"),
        ("00B8BE19", "12107289"),
        ("b8be19", "0012107289"),
        ("12107289", "00B8BE19"),
        ("12107289", "000012107289"),
        ("a-Uuid-0F", "A-UUID-0f"),
        ("0", "000"),
    ],
)
def test_one_id_is_one_however_it_is_spelled(kept: str, said: str) -> None:
    assert centre_ids.key_of(kept) in centre_ids.forms_of(said)


@pytest.mark.parametrize(("kept", "said"), [("10", "11"), ("a-1", "a-01"), ("1", "")])
def test_another_id_is_another(kept: str, said: str) -> None:
    assert centre_ids.key_of(kept) not in centre_ids.forms_of(said)


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("Ç€", b"\x09\x1b\x65"),
        ("ç", b"\x00\xe7"),
        ("D'Angelo", b"D'Angelo"),
        ("@_$", b"\x00\x11\x02"),
    ],
)
def test_letters_are_sent_as_the_centre_reads_them(text: str, octets: bytes) -> None:
    (piece,) = coding.pieces(text, reference=1, long_as="udh")
    assert piece.octets == octets


class TestPace:
    def test_it_sends_no_more_a_second_than_the_operator_allows(self) -> None:
        pace = Pace(limit=10)
        sent = 0
        for tenth in range(101):  # ten seconds
            parts = pace.may_send(tenth / 10)
            pace.sent(parts)
            sent += parts
        assert sent in (100, 101)  # and one in hand at the start

    def test_a_no_stops_it_for_a_while_and_halves_what_it_did(self) -> None:
        pace = Pace(limit=100)
        for tenth in range(10):
            pace.sent(pace.may_send(tenth / 10))
        pace.throttled(1.0)
        assert pace.may_send(1.4) == 0
        assert pace.rate < 60
        assert pace.may_send(2.6) > 0

    def test_each_further_no_stops_it_for_longer_and_at_last_it_comes_back(self) -> None:
        pace = Pace(limit=100)
        for moment in (1.0, 2.0, 4.0, 8.0):  # half a second, one, two, four
            pace.may_send(moment)
            pace.throttled(moment)
        assert pace.may_send(11.9) == 0
        pace.taken()
        for second in range(12, 60):
            pace.may_send(float(second))
        assert pace.rate == 100


@pytest.mark.django_db
class TestTheDatabase:
    @pytest.fixture
    def part(self) -> Any:
        message = written(MONEY)
        message.text, message.segments = "whole", 1
        message.save(update_fields=["text", "segments"])
        (row,) = book.leaving([(message, 1, 1)], way="tests", at=timezone.now())
        return row

    @pytest.fixture
    def delivered(self, part: Any) -> Any:
        answer, now = book.PartAnswer(part.pk, 0, "77"), timezone.now()
        number = part.message.recipient[1:]
        report = book.Report(number=number, centre_id="77", said="DELIVRD", delivery="delivered")
        book.record([answer], [report], at=now)
        return part

    def refused(self, sql: str, **values: Any) -> bool:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql, values)
        except DatabaseError:
            return True
        return False

    @pytest.mark.parametrize(
        "sql",
        [
            "DELETE FROM outbox_receipt",
            "UPDATE outbox_receipt SET said = 'EXPIRED'",
            "UPDATE outbox_receipt SET submitted_part_id = NULL",
            "DELETE FROM outbox_submittedpart",
            "UPDATE outbox_submittedpart SET status = 1",
            "UPDATE outbox_submittedpart SET delivery = 'expired'",
            "UPDATE outbox_submittedpart SET centre_id = '78'",
            "UPDATE outbox_submittedpart SET way = 'another'",
            "UPDATE outbox_outgoingmessage SET delivery = 'expired'",
            "UPDATE outbox_outgoingmessage SET delivery = 'lost'",
            "UPDATE outbox_outgoingmessage SET need = 0",
            "UPDATE outbox_outgoingmessage SET state = 'unknown'",
        ],
    )
    def test_what_was_told_is_not_rewritten(self, delivered: Any, sql: str) -> None:
        delivered.message.refresh_from_db()
        assert delivered.message.delivery == "delivered"
        assert self.refused(sql)

    def test_a_second_answer_and_a_second_receipt_change_nothing(self, delivered: Any) -> None:
        number = delivered.message.recipient[1:]
        report = book.Report(number=number, centre_id="77", said="EXPIRED", delivery="expired")
        book.record([book.PartAnswer(delivered.pk, 8)], [report, report], at=timezone.now())
        delivered.message.refresh_from_db()
        assert delivered.message.delivery == "delivered"
        assert Receipt.objects.filter(submitted_part=delivered).count() == 2

    def test_the_receipt_of_another_number_is_not_believed(self, part: Any) -> None:
        answer = book.PartAnswer(part.pk, 0, "78")
        report = book.Report(
            number="355679999999", centre_id="78", said="DELIVRD", delivery="delivered"
        )
        book.record([answer], [report], at=timezone.now())
        part.message.refresh_from_db()
        assert (part.message.state, part.message.delivery) == ("sent", "")

    def test_a_receipt_without_a_part_stays_on_the_list(self, part: Any) -> None:
        report = book.Report(
            number="355679999999", centre_id="5", said="DELIVRD", delivery="delivered"
        )
        for _ in range(2):
            book.record([], [report], at=timezone.now())
        assert Receipt.objects.filter(submitted_part=None).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("many", [1, 40])
def test_recording_takes_as_many_queries_for_many_as_for_few(
    django_assert_num_queries: Callable[[int], Any], many: int
) -> None:
    now = timezone.now()
    OutgoingMessage.objects.filter(state="queued").update(state="failed")
    messages = [written(MONEY) for _ in range(many)]
    rows = book.leaving([(m, 1, 1) for m in messages], way="tests", at=now)
    OutgoingMessage.objects.update(text="whole", segments=1)
    answers = [book.PartAnswer(row.pk, 0, f"{row.pk}") for row in rows]
    reports = [
        book.Report(
            number=row.message.recipient[1:],
            centre_id=f"{row.pk}",
            said="DELIVRD",
            delivery="delivered",
        )
        for row in rows
    ]
    with django_assert_num_queries(13):
        book.record(answers, reports, at=now)
    assert OutgoingMessage.objects.filter(delivery="delivered").count() == many


def test_what_each_message_may_do_is_said_by_its_file() -> None:
    kinds = {name: str(message.kind) for name, message in every().items()}
    assert {name for name, kind in kinds.items() if kind == "code"} == {
        name for name, message in every().items() if message.is_secret
    }
    assert {name for name, kind in kinds.items() if kind == "money"} == {
        "activation_receipt",
        "activation_reversed",
        "activation_on_its_way",
    }
    assert {name for name, kind in kinds.items() if kind == "stop"} == {
        "leader_frozen",
        "leader_revoked",
        "phone_locked",
        "contact_warned",
    }

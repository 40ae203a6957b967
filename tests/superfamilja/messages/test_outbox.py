"""Messages are written with their fact, once, in one statement (R23)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from superfamilja.messages import outbox
from superfamilja.messages.models import OutgoingMessage
from superfamilja.messages.outbox import Sms
from tests.factories import at

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")
FACTS = {
    "is_member": True,
    "is_leader": False,
    "is_payer": False,
    "member_name": "Besnik Dardha",
    "leader_name": "Elira Dardha",
    "package": "Super 700",
    "until": "03.12.2026",
    "charged_lek": 500,
    "list_price_lek": 700,
    "room_left_lek": 6000,
    "limit_lek": 6500,
    "month": "11/2026",
    "reference": "KN-7QX-4PW-R2AR",
}


def sms(**changed: Any) -> Sms:
    """Return the receipt of an activation for Besnik."""
    usual: dict[str, Any] = {
        "to": "+355671234567",
        "template": "activation_receipt",
        "language": "sq",
        "why": "activation",
        "about": "KN-7QX-4PW-R2AR",
        "contract_number": "FX0000001",
        "parameters": FACTS,
    }
    return Sms(**{**usual, **changed})


def test_what_is_written_waits_with_its_facts_frozen() -> None:
    outbox.write([sms()], at=NOW)
    message = OutgoingMessage.objects.get()
    assert (message.state, message.attempts, message.text, message.sent_at) == (
        "queued",
        0,
        None,
        None,
    )
    assert (message.recipient, message.language, message.contract_number) == (
        "+355671234567",
        "sq",
        "FX0000001",
    )
    assert message.parameters["charged_lek"] == 500
    assert (message.parameters["is_member"], message.parameters["is_leader"]) == (1, 0)
    assert (message.written_at, message.due_at, message.next_attempt_at) == (NOW, NOW, NOW)


def test_all_messages_of_a_fact_are_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    three = [sms(to=f"+35567123456{n}") for n in range(3)]
    with django_assert_num_queries(1):
        outbox.write(three, at=NOW)
    assert OutgoingMessage.objects.count() == 3


def test_no_messages_are_no_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        outbox.write([], at=NOW)


def test_they_can_travel_in_a_batch_with_other_statements() -> None:
    connection.ensure_connection()
    with connection.connection.pipeline():
        outbox.write([sms()], at=NOW)
        outbox.write([sms(to="+355671234568")], at=NOW)
    assert OutgoingMessage.objects.count() == 2


def test_r23_the_same_fact_is_told_the_same_number_once() -> None:
    outbox.write([sms(), sms(language="en")], at=NOW)
    outbox.write([sms()], at=NOW)
    assert OutgoingMessage.objects.count() == 1


def test_r23_another_number_and_another_fact_are_told() -> None:
    outbox.write([sms(), sms(to="+355671234568"), sms(why="reversal")], at=NOW)
    assert OutgoingMessage.objects.count() == 3


def test_what_is_about_nothing_in_particular_is_told_each_time() -> None:
    outbox.write([sms(about="")], at=NOW)
    outbox.write([sms(about="")], at=NOW)
    assert OutgoingMessage.objects.count() == 2


def test_a_message_may_have_to_wait_and_may_expire() -> None:
    morning = at("2026-11-06 08:00")
    outbox.write([sms(due_at=morning, expires_at=morning + timedelta(days=1))], at=NOW)
    message = OutgoingMessage.objects.get()
    assert (message.due_at, message.next_attempt_at) == (morning, morning)
    assert message.expires_at == at("2026-11-07 08:00")


def test_a_rolled_back_fact_leaves_no_message() -> None:
    with transaction.atomic():
        outbox.write([sms()], at=NOW)
        transaction.set_rollback(True)
    assert not OutgoingMessage.objects.exists()


@pytest.mark.parametrize("fact", [None, 1.5, ["a"], {"a": 1}, NOW])
def test_only_texts_and_whole_numbers_are_facts(fact: Any) -> None:
    with pytest.raises(TypeError):
        sms(parameters={"fact": fact})


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"to": "+35542223344"}, "message_recipient_e164"),
        ({"language": "it"}, "message_language_known"),
        ({"expires_at": NOW}, "message_expires_after_it_is_due"),
    ],
)
def test_the_database_refuses(changed: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        outbox.write([sms(**changed)], at=NOW)


@pytest.mark.parametrize("facts", ["[]", '{"a": null}', '{"a": [1]}', '{"a": {"b": 1}}'])
def test_the_database_keeps_facts_plain_whoever_writes_them(facts: str) -> None:
    outbox.write([sms()], at=NOW)
    with pytest.raises(IntegrityError, match="message_plain_facts"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox_outgoingmessage (recipient, template, language, parameters, why, "
            "about, contract_number, written_at, due_at, next_attempt_at, state, attempts, "
            "last_error) SELECT recipient, template, language, %s::jsonb, why, '', '', written_at, "
            "due_at, next_attempt_at, state, 0, '' FROM outbox_outgoingmessage",
            [facts],
        )

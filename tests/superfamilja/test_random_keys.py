"""The database draws the keys of rows that papers and other systems name (R36)."""

from typing import Any

import pytest
from django.db import connection

from billing import disputes
from billing.models import BillEntry, Dispute
from klikon.desk.models import Blank
from klikon.models import Declaration
from superfamilja.messages import outbox
from superfamilja.messages.models import OutgoingMessage
from superfamilja.values import random_keys
from tests.factories import at, charge, family_with_leader
from tests.superfamilja.messages.test_outbox import sms

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")


def answered(sql: str, *values: object) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("key", "spelled"),
    [
        (2231, "2231"),
        (random_keys.SMALLEST, "AEN-XMH-M22Q"),
        (random_keys.SPACE - 1, "YYY-YYY-YYYN"),
    ],
)
def test_the_database_spells_a_key_as_we_do(key: int, spelled: str) -> None:
    assert answered("SELECT spelled_key(%s)", key) == spelled
    assert random_keys.numbered("D", key) == f"D-{spelled}"


def test_a_thousand_keys_are_spelled_alike() -> None:
    keys = [random_keys.drawn() for _number in range(1000)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT spelled_key(k) FROM unnest(%s::bigint[]) k", [keys])
        assert [row[0] for row in cursor] == [random_keys.spelled(key) for key in keys]


@pytest.mark.parametrize("model", [BillEntry, Blank, Declaration, Dispute])
def test_r36_the_keys_of_rows_that_others_name_are_drawn(model: Any) -> None:
    table = model._meta.db_table
    drawn = {answered(f"SELECT {table}_key()") for _number in range(200)}
    assert len(drawn) == 200
    assert all(random_keys.SMALLEST <= key < random_keys.SPACE for key in drawn)
    assert max(drawn) - min(drawn) > 2**39
    default = "SELECT column_default FROM information_schema.columns WHERE column_name = 'id' "
    assert answered(f"{default} AND table_name = %s", table) == f"{table}_key()"


def test_a_row_takes_its_key_from_the_database() -> None:
    posted = charge(family_with_leader()[0].contract, 500)
    asked = disputes.ask(charge=posted, text="Who?", key="1", at=NOW)
    assert asked.pk >= random_keys.SMALLEST
    assert posted.entry_id >= random_keys.SMALLEST


def test_r36_a_message_has_a_key_of_chance_at_the_gateway() -> None:
    outbox.write([sms(), sms(about="KN-AEN-XMH-M22Q")], at=NOW)
    keys = {message.message_id for message in OutgoingMessage.objects.all()}
    assert {len(key) for key in keys} == {36}
    assert len(keys) == 2


def test_one_that_was_written_before_keeps_the_id_that_the_gateway_knows() -> None:
    assert OutgoingMessage(pk=2231, gateway_key=None).message_id == "2231"

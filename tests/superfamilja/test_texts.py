"""Text and amounts as the house reads them, by the tables of tests/input."""

import csv
import unicodedata
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import override

from groups.models import Contract, Membership
from superfamilja.data.clean_text import CleanText, kept_clean
from superfamilja.values import texts
from superfamilja.values.lek import UnreadableAmount, parse_lek
from superfamilja.values.lek_field import CountField, LekField, read_lek
from superfamilja.values.text_field import CopiedCodeField, LineField, LinesField
from tests.factories import ContractFactory, MembershipFactory

INPUT = Path(__file__).parent.parent / "input"


def table(name: str) -> list[tuple[str, ...]]:
    """Return a table's rows with its escapes (\\u00a0) decoded."""

    def read(cell: str) -> str:
        plain = cell.encode("ascii", "backslashreplace").decode()
        return plain.encode("ascii").decode("unicode_escape")

    with (INPUT / name).open(encoding="utf-8", newline="") as file:
        return [tuple(map(read, row)) for row in list(csv.reader(file))[1:]]


TEXTS, AMOUNTS = table("texts.csv"), table("amounts.csv")


@pytest.mark.parametrize(("kind", "written", "kept"), TEXTS, ids=map(ascii, TEXTS))
def test_text_is_kept_as_it_is_seen(kind: str, written: str, kept: str) -> None:
    clean = texts.clean_code if kind == "code" else texts.clean
    assert clean(written) == kept
    assert clean(kept) == kept
    field = CopiedCodeField if kind == "code" else LineField
    assert field(required=False).clean(written) == kept


@pytest.mark.parametrize(("written", "read"), AMOUNTS, ids=map(ascii, AMOUNTS))
def test_an_amount_is_read_or_refused_with_its_readings(written: str, read: str) -> None:
    if read.isdecimal():
        assert parse_lek(written) == int(read)
        assert LekField().clean(written) == int(read)
        return
    with pytest.raises(UnreadableAmount) as refused:
        parse_lek(written)
    readings = refused.value.readings
    assert (" or ".join(readings) if len(readings) == 2 else "no") == read
    with pytest.raises(ValidationError):
        LekField().clean(written)


@pytest.mark.parametrize("written", ["2147483648", "999.999.999.999"])
def test_an_amount_beyond_its_column_is_refused(written: str) -> None:
    with override("en"), pytest.raises(ValidationError, match=r"from 0 to 2\.147\.483\.647"):
        read_lek(written)


@pytest.mark.parametrize("written", ["28.000", "28,0", "2e1", "-1", "٢٨"])
def test_a_count_is_digits_alone(written: str) -> None:
    with pytest.raises(ValidationError):
        CountField(min_value=0).clean(written)


def test_lines_keep_their_lines() -> None:
    assert LinesField().clean(" one\u00a0\r\n\r\n two\u200b ") == "one\n\ntwo"


def test_a_letter_that_looks_like_ours_is_named() -> None:
    with override("en"), pytest.raises(ValidationError, match="“С” only looks like"):
        CopiedCodeField().clean("\u0421F100")


def every_letter_that_goes() -> list[str]:
    every = map(chr, [*range(1, 0xD800), *range(0xE000, 0xFFFE), *range(0xE0000, 0xE0200)])
    return [c for c in every if texts.clean(f"a{c}b") in ("ab", "a b") and c != " "]


@pytest.mark.django_db
def test_the_database_refuses_each_letter_that_the_normaliser_takes_away() -> None:
    letters = every_letter_that_goes()
    assert len(letters) > 150
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c FROM unnest(%s::text[]) c WHERE NOT ('a' || c || 'b') ~ %s",
            [letters, texts.UNSEEN_SQL],
        )
        missed = [row[0] for row in cursor.fetchall()]
    assert [f"{ord(c):x} {unicodedata.name(c, '')}" for c in missed] == []


@pytest.mark.django_db
def test_what_the_normaliser_leaves_the_database_takes() -> None:
    every = map(chr, [*range(1, 0xD800), *range(0xE000, 0x30000), *range(0xE0000, 0xE1000)])
    left = [kept for c in every if (kept := texts.clean(f"a{c}b"))]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t FROM unnest(%s::text[]) t WHERE t ~ %s OR t IS NOT NFC NORMALIZED",
            [left, texts.UNSEEN_SQL],
        )
        refused = [ascii(row[0]) for row in cursor.fetchall()]
    assert refused == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"number": " SF1"},
        {"number": "SF1\u00a0"},
        {"number": "\ufeffSF1"},
        {"number": "S\u0421"},
        {"owner_name": "Dri\u0085ta"},
        {"owner_name": "Drita "},
        {"owner_name": "Drita  Dardha"},
        {"owner_name": "e\u0308"},
        {"service_address": "Rruga\n1"},
    ],
    ids=ascii,
)
def test_the_database_keeps_no_such_text(changes: dict[str, str]) -> None:
    with pytest.raises(IntegrityError, match="contract_texts_clean"), transaction.atomic():
        ContractFactory(**changes)


def without_the_guard(model: type[Contract] | type[Membership]) -> CleanText:
    """Remove the constraint, as before it existed."""
    (constraint,) = (c for kept, c in kept_clean() if kept is model)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, constraint)
    return constraint


def guard_new_rows(model: type[Contract] | type[Membership], constraint: CleanText) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.schema_editor() as editor:
        editor.execute(f"{constraint.create_sql(model, editor)} NOT VALID")


@pytest.mark.django_db
def test_the_migration_cleans_what_was_stored_and_the_database_vouches_for_it() -> None:
    migration = import_module("groups.migrations.0009_clean_texts")
    contract = ContractFactory()
    constraint = without_the_guard(Contract)
    Contract.objects.filter(pk=contract.pk).update(
        number="\u00a0SF\u20117", owner_name="Dri\u009ata"
    )
    migration.repair(apps, None)
    guard_new_rows(Contract, constraint)
    migration.vouch(apps, None)
    contract.refresh_from_db()
    assert (contract.number, contract.owner_name) == ("SF-7", "Drišta")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT convalidated FROM pg_constraint WHERE conname = 'contract_texts_clean'"
        )
        assert cursor.fetchone() == (True,)


@pytest.mark.django_db
def test_a_clean_name_of_a_member_is_still_written_once() -> None:
    member = MembershipFactory(name="Elira")
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        Membership.objects.filter(pk=member.pk).update(name="Mira")


@pytest.mark.django_db
def test_the_command_shows_then_cleans_and_names_what_collides(
    capsys: pytest.CaptureFixture[str],
) -> None:
    guards = {model: without_the_guard(model) for model in (Contract, Membership)}
    first, second = ContractFactory(number="SF1"), ContractFactory(number="\ufeffSF1")
    member = MembershipFactory(name="Eli\u0085ra\u00a0")
    for model, constraint in guards.items():
        guard_new_rows(model, constraint)
    with override("en"):
        call_command("normalise_texts")
    assert "Rows to clean: 2. Nothing was changed." in capsys.readouterr().out
    with override("en"), pytest.raises(CommandError, match="Some rows stay"):
        call_command("normalise_texts", "--apply")
    member.refresh_from_db()
    second.refresh_from_db()
    assert (member.name, second.number, first.number) == ("Eli…ra", "\ufeffSF1", "SF1")
    assert "Rows cleaned: 1; left as they are: 1." in capsys.readouterr().out
    assert not Contract.objects.filter(~Q(number="SF1"), number="SF1").exists()

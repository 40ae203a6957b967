"""A subscriber file that comes in: sent, looked at, agreed to, loaded."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from groups.base_import.columns import COLUMNS
from groups.incoming import carrying, deciding, keeping, receiving
from groups.incoming.models import FileKind, IncomingFile
from superfamilja.accounts.models import User
from superfamilja.accounts.roles import BILLING_APPROVER, BILLING_REVIEWER
from tests.factories import at
from tests.signing_in import staff_member

NOW = at("2026-11-20 10:00")
HEAD = ",".join(COLUMNS)
A = "A1,042000001,active,J10000001A,Drita Dardha,0690000001,,Rruga e Provës 1,,2024-01-10,"
B = "B1,042000002,active,J10000002B,Agron Molla,0690000002,,Rruga e Provës 2,,2024-01-10,"
ELIRA = "0671000001,Elira,standard_prepaid,2024-01-10,"
BESNIK = "0671000002,Besnik,super_riniring,2024-02-01,"
MIRA = "0671000003,Mira,standard_prepaid,2024-03-01,"

Send = Callable[..., IncomingFile]


@pytest.fixture(autouse=True)
def _places(settings: Settings, tmp_path: Path) -> None:
    """Folders of this test alone."""
    settings.INCOMING_DIR = tmp_path / "incoming"
    settings.INBOX_DIR = tmp_path / "inbox"
    settings.INBOX_DIR.mkdir()
    settings.INCOMING_SECOND_PERSON_CONTRACTS = 1000


def body(*rows: str, trailer: int | None = None, head: str = HEAD) -> str:
    """A file with these rows; it says how many they are, truly unless told otherwise."""
    said = len(rows) if trailer is None else trailer
    return "\n".join([head, *rows, f"#rows={said}", ""])


def sent(text: str, *, actor: User | None = None, when: datetime = NOW) -> IncomingFile:
    """The file in the register, not looked at yet."""
    kept = keeping.keep([text.encode()])
    return receiving.receive_file(
        kept=kept, name="crm.csv", kind=FileKind.SUBSCRIBERS, at=when, actor=actor
    )


def looked(text: str, *, actor: User | None = None, when: datetime = NOW) -> IncomingFile:
    """The file as it stands after the worker looked at it."""
    file = sent(text, actor=actor, when=when)
    assert carrying.carry_out_next(when)
    file.refresh_from_db()
    return file


def loaded(text: str, *, actor: User | None = None, when: datetime = NOW) -> IncomingFile:
    """The file after its load; a second person agrees where one is needed."""
    file = looked(text, when=when)
    assert file.previewed_at
    said = {"seen": file.previewed_at, "at": when, "reason": "file of the day"}
    file = deciding.confirm_file(file=file, actor=actor or reviewer(), **said)
    if file.needs_second:
        deciding.agree_to_file(file=file, actor=approver(), **said)
    assert carrying.carry_out_next(when)
    file.refresh_from_db()
    return file


def reviewer() -> User:
    """Shpresa, who confirms."""
    known = User.objects.filter(username="shpresa").first()
    return known or staff_member(
        BILLING_REVIEWER, "shpresa", first_name="Shpresa", last_name="Shqyrtuesi"
    )


def approver() -> User:
    """Mirjeta, who agrees."""
    known = User.objects.filter(username="mirjeta").first()
    return known or staff_member(
        BILLING_APPROVER, "mirjeta", first_name="Mirjeta", last_name="Miratuesi"
    )

"""kill -9 in each phase of a month: it is closed, or issued, whole or not at all.

A second run ends where an undisturbed run ends.
"""

import hashlib
import signal
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path
from unittest import mock

import pytest
from django.db import transaction

from billing import charges, outcomes
from billing.models import BillMonth, CarriedCharge, IssuedFile, ParkedEntry
from billing.month import close_requests, figures
from billing.month.closing import close_month
from billing.month.export import export_month
from superfamilja.accounts.models import User
from tests.billing.closing import approve, close, first_minute_after, reviewer
from tests.factories import ContractFactory, at, charge
from tests.faults.failpoints import ANSWER, COMMIT, UNDER_WAY, kill_self, struck_at
from tests.faults.processes import elsewhere, ours

pytestmark = pytest.mark.django_db(transaction=True)

# Months that no other test uses, because a closed month stays closed.
_months = count(2000 * 12)


@pytest.fixture
def month() -> date:
    """Make a month with a settled charge of 800 and a held one of 500."""
    number = next(_months)
    month = date(number // 12, number % 12 + 1, 1)
    contract, moment = ContractFactory(), f"{month:%Y-%m}-05 12:00"
    settled = charge(contract, 800, moment)
    outcomes.settle(reference=settled.reference, at=at(moment))
    charge(contract, 500, moment)
    return month


def kill(act: object) -> None:
    assert elsewhere(act, ours()).exitcode == -signal.SIGKILL  # type: ignore[arg-type]


# --- closing -------------------------------------------------------------------------------------
def close_struck(month: date, username: str, point: str) -> None:
    with struck_at(point, kill_self):
        close_month(
            month=month, at=first_minute_after(month), actor=User.objects.get(username=username)
        )


def is_whole_or_nothing(month: date, *, may_be_closed: bool) -> bool:
    """Check that all of a close exists or none, once the dead process has released the month."""
    with transaction.atomic():
        charges.lock_month_exclusively(month)
    row = BillMonth.objects.filter(month=month).first()
    carried = CarriedCharge.objects.filter(from_month=month).count()
    if row is None:
        return carried == 0
    return may_be_closed and (row.state, carried) == ("closed", 1)


@pytest.mark.parametrize(
    "point",
    ["month's lock", "carry", "check", "totals", "month's row", "act", COMMIT, UNDER_WAY, ANSWER],
)
def test_a_killed_close_leaves_nothing_or_all_and_is_simply_run_again(
    month: date, point: str
) -> None:
    kill(partial(close_struck, month, reviewer().username, point))
    assert is_whole_or_nothing(month, may_be_closed=point in (UNDER_WAY, ANSWER))
    closed = close(f"{month:%Y-%m}")
    assert (closed.figures.bills_lek, closed.figures.carried_out_lek) == (800, 500)
    assert CarriedCharge.objects.filter(from_month=month).count() == 1
    assert not ParkedEntry.objects.filter(month=month).exists()


# --- a close that was asked for in the portal -------------------------------------------------
def carry_out_struck(month: date, point: str) -> None:
    with struck_at(point, kill_self):
        close_requests.carry_out_next(first_minute_after(month))


@pytest.mark.parametrize("point", ["carry", "month's row", "act", COMMIT, UNDER_WAY, ANSWER])
def test_a_close_whose_worker_was_killed_waits_again_or_has_ended_with_its_month(
    month: date, point: str
) -> None:
    request = close_requests.ask(
        month=month,
        expected=figures.if_closed(month),
        key=f"{month}",
        at=first_minute_after(month),
        actor=reviewer(),
        reason="month is over",
    )
    kill(partial(carry_out_struck, month, point))
    is_whole_or_nothing(month, may_be_closed=point in (UNDER_WAY, ANSWER))
    request.refresh_from_db()
    assert (request.ended_at is not None) is charges.is_closed(month)
    close_requests.carry_out_next(first_minute_after(month))
    request.refresh_from_db()
    assert (request.ended_at is not None, request.refusal) == (True, None)
    assert BillMonth.objects.get(month=month).figures == request.expected


# --- the file ------------------------------------------------------------------------------------
def export_struck(month: date, folder: Path, point: str) -> None:
    with struck_at(point, kill_self):
        export_month(month, folder, at=first_minute_after(month))


def export_struck_writing(month: date, folder: Path, file: int) -> None:
    """Die when the n-th file is written and not yet in its place."""
    written = count(1)

    def dying(_descriptor: int) -> None:
        if next(written) == file:
            kill_self()

    with mock.patch("os.fsync", dying):
        export_month(month, folder, at=first_minute_after(month))


@pytest.fixture
def approved(month: date) -> date:
    close(f"{month:%Y-%m}")
    approve(f"{month:%Y-%m}")
    return month


def the_same_bytes_again(month: date, folder: Path, lines: list[str]) -> None:
    """Run again, there and elsewhere: the lines of an undisturbed run, the same checksum."""
    first = export_month(month, folder, at=first_minute_after(month)).paths[0]
    again = export_month(month, folder / "again", at=first_minute_after(month)).paths[0]
    assert first.read_text().splitlines()[1:-1] == lines
    assert first.read_bytes() == again.read_bytes()
    issued = IssuedFile.objects.get(month=month)
    assert hashlib.sha256(first.read_bytes()).hexdigest() == issued.sha256
    assert {path.name for path in folder.iterdir() if path.is_file()} == {
        issued.name,
        f"{issued.name}.sha256",
    }


@pytest.fixture
def lines(month: date, tmp_path: Path) -> list[str]:
    """Return what the file will say, from a draft before the approval."""
    close(f"{month:%Y-%m}")
    draft = export_month(month, tmp_path / "draft", at=first_minute_after(month)).paths[0]
    return draft.read_text().splitlines()[1:-1]


@pytest.mark.parametrize("point", ["issued file", "issued part", "act", COMMIT, UNDER_WAY, ANSWER])
def test_a_killed_export_gives_the_same_bytes_when_it_is_run_again(
    month: date, lines: list[str], approved: date, tmp_path: Path, point: str
) -> None:
    kill(partial(export_struck, month, tmp_path / "out", point))
    the_same_bytes_again(month, tmp_path / "out", lines)


@pytest.mark.parametrize("file", [1, 2])
def test_killed_while_a_file_is_written_none_is_half_there(
    month: date, lines: list[str], approved: date, tmp_path: Path, file: int
) -> None:
    kill(partial(export_struck_writing, month, tmp_path / "out", file))
    there = sorted(p.name for p in (tmp_path / "out").iterdir() if p.suffix != ".part")
    assert there == [IssuedFile.objects.get(month=month).name][: file - 1]
    the_same_bytes_again(month, tmp_path / "out", lines)

"""Race against a month's close with real threads; each test turns its guard off to see the race.

Every test has a month of its own, years back, because a closed month stays closed.
"""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connection, models

from billing import charges, outcomes
from billing.models import BillMonth, CloseRequest, IssuedFile, ParkedEntry
from billing.month import close_requests, export, figures, next_file, parked
from billing.month.closing import Closed, cancel_close, close_month
from groups.base_import import import_base, merge
from groups.base_import.columns import COLUMNS, CONTRACT_COLUMNS
from groups.models import Contract
from klikon.activation.activate import activate
from klikon.models import Channel
from superfamilja.audit.models import Act
from superfamilja.values.months import next_month
from tests.billing.closing import approve, close, first_minute_after, reviewer
from tests.concurrency.racing import (
    DONE,
    interrupted_by,
    meeting_before,
    race,
    seeing,
    without,
)
from tests.factories import ContractFactory, at, charge, entry, family_with_leader

pytestmark = pytest.mark.django_db(transaction=True)

_months = count(2022 * 12)


@pytest.fixture
def month() -> date:
    """Return the first day of a month that no other test uses."""
    number = next(_months)
    return date(number // 12, number % 12 + 1, 1)


def moment(month: date) -> str:
    return f"{month:%Y-%m}-05 12:00"


def closing_(month: date, by: str = "closes") -> Callable[[], Closed]:
    return partial(close_month, month=month, at=first_minute_after(month), actor=reviewer(by))


@contextmanager
def no_exclusive_lock() -> Iterator[None]:
    with mock.patch.object(charges, "lock_month_exclusively", return_value=None):
        yield


@contextmanager
def no_shared_lock() -> Iterator[None]:
    with mock.patch.object(charges, "lock_months_shared", return_value=None):
        yield


@pytest.mark.parametrize("charged_before", [0, 800], ids=["first charge", "a later charge"])
class TestPostingAgainstClosing:
    """The first charge of a contract in a month has no entry yet that could be locked."""

    def attempt(self, month: date, charged_before: int) -> tuple[Contract, dict[str, int]]:
        group, leader = family_with_leader()
        if charged_before:
            before = charge(group.contract, charged_before, moment(month))
            outcomes.settle(reference=before.reference, at=at(moment(month)))
        number = leader.member.msisdn
        buying = partial(
            activate,
            leader=number,
            member=number,
            package="S700",
            at=at(moment(month)),
            channel=Channel.IVR,
            client="month-race",
            key=f"{month}",
        )
        with interrupted_by(closing_(month), at="klikon.activation.record.write") as closed:
            assert race(buying) == {DONE: 1}
        assert closed.result() == {DONE: 1}
        return group.contract, BillMonth.objects.get(month=month).figures

    def test_r13_the_close_waits_and_counts_the_charge(
        self, month: date, charged_before: int
    ) -> None:
        contract, counted = self.attempt(month, charged_before)
        assert (counted["charged_lek"], counted["carried_out_lek"]) == (charged_before + 500, 500)
        assert contract.charges.latest("pk").carried.count() == 1

    def test_control_without_the_lock_the_month_closes_around_the_charge(
        self, month: date, charged_before: int
    ) -> None:
        with no_exclusive_lock():
            contract, counted = self.attempt(month, charged_before)
        assert counted["charged_lek"] == charged_before
        assert contract.charges.latest("pk").carried.count() == 0


class TestSettlingAgainstClosing:
    def billed(self, month: date) -> int:
        """Return what the bills have of a charge that settles while its month closes."""
        held = charge(ContractFactory(), 500, moment(month))
        settling = partial(outcomes.settle, reference=held.reference, at=first_minute_after(month))
        with interrupted_by(closing_(month), at="billing.outcomes._end") as closed:
            assert race(settling) == {DONE: 1}
        assert closed.result() == {DONE: 1}
        return sum(row.total_lek for row in held.contract.bill_entries.all())

    def test_r29_it_is_on_one_bill(self, month: date) -> None:
        assert self.billed(month) == 500

    def test_control_without_the_lock_it_would_be_on_none(self, month: date) -> None:
        with no_shared_lock():
            assert self.billed(month) == 0


class TestSettlingAgainstCancelling:
    def attempt(self, month: date) -> dict[str, int]:
        held = charge(ContractFactory(), 500, moment(month))
        closing_(month)()
        after = first_minute_after(month)
        cancelling = partial(
            cancel_close, month=month, at=after, actor=reviewer(), reason="too early"
        )
        settling = partial(outcomes.settle, reference=held.reference, at=after)
        with interrupted_by(cancelling, at="billing.charges.add_to_entry") as cancelled:
            settled = race(settling)
        assert cancelled.result() == {DONE: 1}
        bills = {row.month: row.total_lek for row in held.contract.bill_entries.all()}
        if settled == {DONE: 1}:
            assert bills == {month: 0, next_month(month): 500}
        else:
            assert bills == {month: 500}
        return settled

    def test_r29_the_cancelling_waits_and_leaves_the_later_bill_alone(self, month: date) -> None:
        assert self.attempt(month) == {DONE: 1}

    def test_control_without_the_lock_the_check_has_to_stop_it(self, month: date) -> None:
        with no_shared_lock():
            assert self.attempt(month) == {"IntegrityError": 1}


class TestTwoClosers:
    def attempt(self, month: date) -> dict[str, int]:
        charge(ContractFactory(), 500, moment(month))
        with meeting_before("billing.month.closing._carry"):
            return race(closing_(month, "one"), closing_(month, "two"))

    def test_one_closes_and_the_other_finds_it_closed(self, month: date) -> None:
        assert self.attempt(month) == {DONE: 2}
        assert Act.objects.filter(verb="close_month", details__month=f"{month:%Y-%m}").count() == 1

    def test_control_without_the_lock_the_index_has_to_stop_it(self, month: date) -> None:
        with no_exclusive_lock():
            assert self.attempt(month) == {DONE: 1, "IntegrityError": 1}


def suspended(contract: Contract, file: Path) -> Path:
    """A subscriber file that suspends this contract."""
    contract.status = "suspended"
    known = {name: getattr(contract, name) for name in CONTRACT_COLUMNS if hasattr(contract, name)}
    row = {**known, "contract_number": contract.number, "contract_status": contract.status}
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerow(row)
    return file


class TestClosingWhileTheSubscriberFileIsRead:
    """They share no lock, so the close does not wait, and the bill is what was spent (R15)."""

    def closed_meanwhile(self, month: date, folder: Path) -> bool:
        posted = charge(ContractFactory(), 500, moment(month))
        outcomes.settle(reference=posted.reference, at=at(moment(month)))
        file = suspended(posted.contract, folder / "base.csv")
        importing = partial(import_base, file, at=at("2026-11-20 10:00"))
        write, seen = merge._write, []

        def looking(*args: Any) -> dict[str, int]:
            seen.append(charges.is_closed(month))
            return write(*args)

        # The import holds every lock that it takes.
        with (
            mock.patch.object(merge, "_write", looking),
            interrupted_by(closing_(month), at="groups.base_import.merge._write") as closed,
        ):
            assert race(importing) == {DONE: 1}
        assert closed.result() == {DONE: 1}
        assert entry(posted.contract, f"{month:%Y-%m}").total_lek == 500
        return seen[0]

    def test_the_close_does_not_wait(self, month: date, tmp_path: Path) -> None:
        assert self.closed_meanwhile(month, tmp_path) is True

    def test_control_an_import_that_took_the_month_would_be_waited_for(
        self, month: date, tmp_path: Path
    ) -> None:
        lock = merge._lock

        def locking(live: str) -> None:
            charges.lock_months_shared(month)
            lock(live)

        with mock.patch.object(merge, "_lock", locking):
            assert self.closed_meanwhile(month, tmp_path) is False


class TestTwoExports:
    def attempt(self, month: date, folder: Path) -> dict[str, int]:
        posted = charge(ContractFactory(), 500, moment(month))
        outcomes.settle(reference=posted.reference, at=at(moment(month)))
        close(f"{month:%Y-%m}")
        approve(f"{month:%Y-%m}")
        exporting = [
            partial(export.export_month, month, folder / name, at=first_minute_after(month))
            for name in ("one", "two")
        ]
        with meeting_before("billing.month.export._issue"):
            return race(*exporting)

    def test_the_file_goes_out_once_and_both_have_its_bytes(
        self, month: date, tmp_path: Path
    ) -> None:
        assert self.attempt(month, tmp_path) == {DONE: 2}
        assert IssuedFile.objects.filter(month=month).count() == 1
        name = IssuedFile.objects.get(month=month).name
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()

    def test_control_without_the_lock_the_index_has_to_stop_it(
        self, month: date, tmp_path: Path
    ) -> None:
        with mock.patch.object(models.QuerySet, "select_for_update", lambda self: self.all()):
            assert self.attempt(month, tmp_path) == {DONE: 1, "IntegrityError": 1}


class TestResolvingWhileTheFileIsMade:
    """An entry resolved while the file is made is in exactly one file, this or the next (R14)."""

    def in_files(self, month: date, where: str) -> int:
        """Return in how many files an entry is that is resolved when that function is entered."""
        posted = charge(ContractFactory(), 800, moment(month))
        outcomes.settle(reference=posted.reference, at=at(moment(month)))
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE billing_billentry SET spent = 700 WHERE id = %s", [posted.entry_id]
            )
        close(f"{month:%Y-%m}")
        approve(f"{month:%Y-%m}")
        row, after = ParkedEntry.objects.get(month=month), first_minute_after(month)
        resolving = partial(
            parked.recount, parked=row, at=after, actor=reviewer("third"), reason="lines checked"
        )
        issuing = partial(export.issue, month, at=after, actor=None, reason="")
        with interrupted_by(resolving, at=where) as resolved:
            issuing()
        assert resolved.result() == {DONE: 1}
        texts = (b"".join(export.content_of(file)).decode() for file in issuing())
        return sum(str(row) in text for text in texts)

    @pytest.mark.parametrize("where", ["billing.month.export._issue", "billing.month.export._name"])
    def test_it_is_in_one_file(self, month: date, where: str) -> None:
        assert self.in_files(month, where) == 1

    def test_control_marking_whatever_is_resolved_by_then_it_is_in_none(self, month: date) -> None:
        def marking(_resolved: list[int], file: IssuedFile) -> None:
            ParkedEntry.objects.resolved_since(month).update(issued_in=file)

        with mock.patch.object(export, "_mark", marking):
            assert self.in_files(month, "billing.month.export._name") == 0

    def test_control_reading_whatever_is_resolved_by_then_it_is_in_two(self, month: date) -> None:
        all_but_parked = f"NOT EXISTS ({next_file._WAITING} AND p.resolution IS NULL)"
        with mock.patch.object(next_file, "ALL_BUT_PARKED", all_but_parked):
            assert self.in_files(month, "billing.month.export._issue") == 2


def asking(month: date, key: str) -> Callable[[], CloseRequest]:
    """Request a close in the portal with the figures of this moment."""
    return partial(
        close_requests.ask,
        month=month,
        expected=figures.if_closed(month),
        key=key,
        at=first_minute_after(month),
        actor=reviewer(),
        reason="month is over",
    )


class TestTwoWhoAskForTheSameClose:
    def attempt(self, month: date, *keys: str) -> dict[str, int]:
        with meeting_before("billing.month.close_requests.asdict"):
            ended = race(*(asking(month, key) for key in keys))
        # No other worker may find it.
        CloseRequest.objects.filter(month=month).update(ended_at=first_minute_after(month))
        return ended

    def test_r21_a_double_click_is_one_request_and_both_are_answered(self, month: date) -> None:
        assert self.attempt(month, f"{month}", f"{month}") == {DONE: 2}
        assert CloseRequest.objects.filter(month=month).count() == 1

    def test_of_two_people_one_is_told_that_it_is_asked_for_already(self, month: date) -> None:
        keys = f"{month}-one", f"{month}-two"
        assert self.attempt(month, *keys) == {DONE: 1, "close_asked_already": 1}

    def test_control_without_the_index_both_are_written_down(self, month: date) -> None:
        keys = f"{month}-one", f"{month}-two"
        index = "close_asked_once_at_a_time"
        on = f"CREATE UNIQUE INDEX {index} ON billing_closerequest (month) WHERE ended_at IS NULL"
        with without(f"DROP INDEX {index}", on):
            assert self.attempt(month, *keys) == {DONE: 2}


class TestTwoWorkers:
    """Both look for waiting requests at the same moment."""

    def attempt(self, month: date) -> dict[str, int]:
        charge(ContractFactory(), 500, moment(month))
        asking(month, f"{month}")()
        working = partial(close_requests.carry_out_next, first_minute_after(month))
        with interrupted_by(working, at="billing.month.closing._carry") as other:
            first = race(working)
        return first + other.result()

    def test_one_closes_and_the_other_finds_nothing_to_do(self, month: date) -> None:
        assert self.attempt(month) == {DONE: 2}
        assert CloseRequest.objects.get(month=month).refusal is None
        assert Act.objects.filter(verb="close_month", details__month=f"{month:%Y-%m}").count() == 1

    def test_control_without_the_rows_lock_both_take_it(self, month: date) -> None:
        unlocked = lambda self, **_how: self.all()  # noqa: E731
        with (
            seeing(lambda: 1, at="billing.month.closing.close_month") as closing_by,
            mock.patch.object(models.QuerySet, "select_for_update", unlocked),
        ):
            self.attempt(month)
        assert len(closing_by) == 2


class TestTwoWaysOutOfOneParkedEntry:
    def attempt(self, month: date) -> dict[str, int]:
        posted = charge(ContractFactory(), 800, moment(month))
        outcomes.settle(reference=posted.reference, at=at(moment(month)))
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE billing_billentry SET spent = 700 WHERE id = %s", [posted.entry_id]
            )
        close(f"{month:%Y-%m}")
        row, after = ParkedEntry.objects.get(month=month), first_minute_after(month)
        parked.propose_acceptance(parked=row, at=after, actor=reviewer("first"), reason="known")
        accepting = partial(parked.accept, parked=row, at=after, actor=reviewer("second"))
        counting = partial(
            parked.recount, parked=row, at=after, actor=reviewer("third"), reason="lines checked"
        )
        with meeting_before("billing.month.parked.resolve"):
            return race(accepting, counting)

    def test_one_is_taken_and_the_other_is_told(self, month: date) -> None:
        reviewer("third")
        assert self.attempt(month) == {DONE: 1, "not_parked": 1}

    def test_control_without_the_rows_lock_the_trigger_has_to_stop_it(self, month: date) -> None:
        reviewer("third")
        with mock.patch.object(models.QuerySet, "select_for_update", lambda self: self.all()):
            assert self.attempt(month) == {DONE: 1, "IntegrityError": 1}

"""Run the import of the subscriber file: read, check, merge in batches, report.

The CRM is master of the contract's columns. Groups and memberships are ours after the first load: a
missing row changes nothing, and only member_left_on and group_closed_on end them.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError, connection, transaction

from groups.base_import import conflicts, merge, preview, staging
from groups.base_import.checks import misread_lines
from groups.base_import.columns import COLUMNS
from groups.base_import.reading import copy_chunks, require_rows, rows_said, sha256_of
from groups.base_import.rejects import write_mendable, write_rejects
from groups.models import BaseImport
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.data.advisory_locks import SUBSCRIBER_IMPORT_LOCK
from superfamilja.data.csv_files import REASON_COLUMNS, FileRefused, Header, read_header
from superfamilja.epoch import standing
from superfamilja.values.months import local_date

BATCH_CONTRACTS = 60_000
_ROWS_A_CONTRACT = 3
_ATTEMPTS = 3
Report = Callable[[str, int, int], None]


class ImportRunningError(RuntimeError):
    """Another import is running; try again when it has finished."""


class PlanDiffers(Exception):  # noqa: N818 - it is an answer, not an error
    """What the file would do now is not what somebody agreed to; nothing was written."""


@dataclass
class BaseImportOutcome:
    """What a run did, in contracts, groups, members and rows.

    `mendable` are the rejected rows in the columns of the file, to be mended and loaded.
    """

    figures: dict[str, int] = field(default_factory=dict)
    rejects: Path | None = None
    mendable: Path | None = None
    resumed: bool = False

    @property
    def changed_nothing(self) -> bool:
        return not any(self.figures.get(name) for name in merge.FIGURES)


def import_base(
    path: Path,
    *,
    at: datetime,
    actor: User | None = None,
    reason: str = "",
    dry_run: bool = False,
    batch_contracts: int = BATCH_CONTRACTS,
    report: Report = lambda step, done, total: None,
    rows: int | None = None,
    look: Callable[[], None] = lambda: None,
    expected: Mapping[str, int] | None = None,
) -> BaseImportOutcome:
    """Import the file. The same file twice changes nothing; a killed run continues.

    `report(step, done, total)` is told the progress. `rows` is how many rows the file should have;
    its own trailer says so, too. A dry run calls `look` while its plan stands (preview.py).
    `expected` are the figures that somebody agreed to: nothing is begun with others.
    Raises FileRefused, ImportRunningError, PlanDiffers, Halted.
    """
    standing.require_open()  # R36
    acts.require_reason(actor, reason)
    header = read_header(path, COLUMNS, REASON_COLUMNS)
    run = _Run(path, at, actor, reason, batch_contracts, report, rows, look, expected)
    with _one_import_at_a_time():
        if dry_run:
            return run.dry(header)
        return run.real(header)


@dataclass
class _Run:
    path: Path
    at: datetime
    actor: User | None
    reason: str
    batch_contracts: int
    report: Report
    rows: int | None
    look: Callable[[], None]
    expected: Mapping[str, int] | None

    def dry(self, header: Header) -> BaseImportOutcome:
        """Do everything but the merge, in temporary tables."""
        try:
            self._load("TEMP", header)
            self._plan("TEMP", take_ids=False)
            outcome = self._outcome(merge.planned(), header)
            self.look()
            return outcome
        finally:
            staging.drop("TEMP")

    def real(self, header: Header) -> BaseImportOutcome:
        record, resumed = self._record()
        if not (resumed and _staged_for(record)):
            with self._given_up_when_refused(record):
                self._load("UNLOGGED", header)
                staging.run("CREATE UNLOGGED TABLE base_import_run (import_id bigint, batches int)")
                self._plan("UNLOGGED", take_ids=True)
                self._require_what_was_agreed(record)
            self._ready(record)
        for attempt in range(_ATTEMPTS):
            try:
                self._merge(record)
                break
            except merge.PlanOutdatedError:
                if attempt == _ATTEMPTS - 1:
                    raise
                with self._given_up_when_refused(record):
                    self._plan("UNLOGGED", take_ids=True)
                    self._require_what_was_agreed(record)
                self._ready(record)
        outcome = self._outcome(record.figures, header)
        self._finish(record, outcome)
        outcome.resumed = resumed
        return outcome

    @contextmanager
    def _given_up_when_refused(self, record: BaseImport) -> Iterator[None]:
        try:
            yield
        except (FileRefused, PlanDiffers):
            record.step = "given_up"
            record.save(update_fields=["step"])
            staging.drop("UNLOGGED")
            raise

    def _require_what_was_agreed(self, record: BaseImport) -> None:
        """Raise PlanDiffers; a run that has written batches goes on with the rest of them."""
        if self.expected is None or record.figures:
            return
        planned = merge.planned() | {"plan": preview.mark()}
        if any(number != self.expected.get(name, 0) for name, number in planned.items()):
            raise PlanDiffers

    def _record(self) -> tuple[BaseImport, bool]:
        """Return the unfinished run of the same file, or a new one.

        Any other unfinished run is given up.
        """
        digest = sha256_of(self.path)
        unfinished = BaseImport.objects.filter(finished_at=None)
        unfinished.exclude(file_sha256=digest).exclude(step="given_up").update(step="given_up")
        before = unfinished.filter(file_sha256=digest).exclude(step="given_up").last()
        if before:
            return before, True
        return BaseImport.objects.create(
            file_sha256=digest, started_at=self.at, step="reading", actor=self.actor
        ), False

    def _load(self, kind: str, header: Header) -> None:
        total = self.path.stat().st_size
        self.report("read", 0, total)
        staging.load(
            kind,
            header,
            copy_chunks(self.path, header),
            lambda read: self.report("read", read, total),
        )
        require_rows(_count("base_import_raw"), self.rows, rows_said(self.path))

    def _plan(self, kind: str, *, take_ids: bool) -> None:
        self.report("judge", 0, 2)
        staging.read_values(kind, local_date(self.at), self._batches(), take_ids=take_ids)
        self.report("judge", 1, 2)
        conflicts.judge(kind, self.at)
        _require_read_rightly()
        self.report("judge", 2, 2)

    def _batches(self) -> int:
        rows = _count("base_import_raw")
        return 1 + rows // (self.batch_contracts * _ROWS_A_CONTRACT)

    def _ready(self, record: BaseImport) -> None:
        """Mark the plan as complete: a killed run now continues with its next batch."""
        with transaction.atomic():
            staging.run("DELETE FROM base_import_run")
            staging.run(f"INSERT INTO base_import_run VALUES ({record.pk}, 0)")
            record.step, record.batches_done = "merging", 0
            record.save(update_fields=["step", "batches_done"])

    def _merge(self, record: BaseImport) -> None:
        batches = merge.batches_with_work()
        for done, batch in enumerate(batches):
            self.report("merge", done, len(batches))
            if done < record.batches_done:
                continue
            with transaction.atomic():
                for name, number in merge.merge(batch, self.at, record.pk).items():
                    record.figures[name] = record.figures.get(name, 0) + number
                record.batches_done = done + 1
                record.save(update_fields=["batches_done", "figures"])
        self.report("merge", 1, 1)

    def _outcome(self, written: dict[str, int], header: Header) -> BaseImportOutcome:
        figures = {name: written.get(name, 0) for name in merge.FIGURES}
        figures["rows_rejected"], rejects = write_rejects(self.path)
        mendable = write_mendable(self.path, header)
        figures["rows"] = _count("base_import_raw")
        figures["contracts_rejected"] = _count(
            "(SELECT DISTINCT contract_number FROM base_import_reject "
            "WHERE contract_number IS NOT NULL) r"
        )
        taken = _count("base_import_contract WHERE left_out_by IS NULL")
        figures["contracts_unchanged"] = (
            taken - figures["contracts_new"] - figures["contracts_touched"]
        )
        return BaseImportOutcome(figures, rejects, mendable)

    def _finish(self, record: BaseImport, outcome: BaseImportOutcome) -> None:
        with transaction.atomic():
            record.step, record.finished_at, record.figures = "done", self.at, outcome.figures
            record.save(update_fields=["step", "finished_at", "figures"])
            acts.record(
                "import_base",
                actor=self.actor,
                at=self.at,
                reason=self.reason,
                file_sha256=record.file_sha256,
                figures=outcome.figures,
            )
        staging.drop("UNLOGGED")
        if not outcome.changed_nothing:
            # The next run and all pages must plan with the new rows.
            staging.run("ANALYZE groups_contract, groups_group, groups_membership")


def _require_read_rightly() -> None:
    """Raise FileRefused when most rows hold a name that was read in a wrong encoding."""
    if not _count("base_import_reject WHERE code IN ('misread', 'lost_letter')"):
        return
    wrong, rows = _count(f"({misread_lines()}) wrong"), _count("base_import_raw")
    if wrong * 2 <= rows:
        return
    read_as = _encoding_of_most()
    raise FileRefused(
        "misread",
        f"Në {wrong} nga {rows} rreshta emrat u lexuan si {read_as or 'kodim tjetër'}, kurse "
        "skedari është UTF-8. Nxirreni edhe një herë nga CRM-ja si “CSV UTF-8”; asgjë nuk u "
        "ngarkua.",
        f"In {wrong} of {rows} rows the names were read as {read_as or 'another encoding'}, while "
        "the file is UTF-8. Export it from the CRM again as “CSV UTF-8”; nothing was loaded.",
    )


def _encoding_of_most() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT mode() WITHIN GROUP (ORDER BY other) FROM base_import_reject "
            "WHERE code = 'misread'"
        )
        name: str | None = cursor.fetchone()[0]
    return name


@contextmanager
def _one_import_at_a_time() -> Iterator[None]:
    """Hold the import's lock, in a session fit for large statements. Raise ImportRunningError."""
    _take_the_lock()
    try:
        yield
    finally:
        _give_the_lock_back()


def _take_the_lock() -> None:
    # When an import is killed, its server process notices within a second and ends.
    staging.run("SET client_connection_check_interval = '1s'")
    staging.run("SET lock_timeout = '20s'")
    try:
        staging.run(f"SELECT pg_advisory_lock({SUBSCRIBER_IMPORT_LOCK})")
    except DatabaseError as error:
        raise ImportRunningError from error
    staging.run("RESET lock_timeout")
    staging.run("SET work_mem = '128MB'")
    staging.run("SET jit = off")


def _give_the_lock_back() -> None:
    if connection.connection is None or connection.connection.closed:
        return
    if not connection.needs_rollback:
        staging.run(f"SELECT pg_advisory_unlock({SUBSCRIBER_IMPORT_LOCK})")
        staging.run("RESET work_mem; RESET jit; RESET client_connection_check_interval")


def _staged_for(record: BaseImport) -> bool:
    """Return whether the plan of this very run still exists; a crash of the server empties it."""
    if record.step != "merging" or not _count("pg_class WHERE relname = 'base_import_run'"):
        return False
    return bool(_count(f"base_import_run WHERE import_id = {record.pk}"))


def _count(source: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {source}")
        return int(cursor.fetchone()[0])

"""Run the import of the subscriber file: read, check, merge in batches, report.

The CRM is master of the contract's columns. Groups and memberships are ours after the first load: a
missing row changes nothing, and only member_left_on and group_closed_on end them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError, connection, transaction

from groups.base_import import conflicts, merge, staging
from groups.base_import.columns import COLUMNS
from groups.base_import.reading import copy_chunks, sha256_of
from groups.base_import.rejects import write_rejects
from groups.models import BaseImport
from superfamilja.accounts.models import User
from superfamilja.audit import acts
from superfamilja.data.advisory_locks import SUBSCRIBER_IMPORT_LOCK
from superfamilja.data.csv_files import Header, read_header
from superfamilja.epoch import standing
from superfamilja.values.months import local_date

BATCH_CONTRACTS = 60_000
_ROWS_A_CONTRACT = 3
_ATTEMPTS = 3
Report = Callable[[str, int, int], None]


class ImportRunningError(RuntimeError):
    """Another import is running; try again when it has finished."""


@dataclass
class BaseImportOutcome:
    """The result of a run in contracts, groups, members and rows."""

    figures: dict[str, int] = field(default_factory=dict)
    rejects: Path | None = None
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
) -> BaseImportOutcome:
    """Import the file. The same file twice changes nothing; a killed run continues.

    `report(step, done, total)` receives the progress. Raise FileRefused, ImportRunningError,
    Halted.
    """
    standing.require_open()  # R36
    acts.require_reason(actor, reason)
    header = read_header(path, COLUMNS)
    run = _Run(path, at, actor, reason, batch_contracts, report)
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

    def dry(self, header: Header) -> BaseImportOutcome:
        """Do everything but the merge, in temporary tables."""
        try:
            self._load("TEMP", header)
            self._plan("TEMP", take_ids=False)
            return self._outcome(merge.planned())
        finally:
            staging.drop("TEMP")

    def real(self, header: Header) -> BaseImportOutcome:
        record, resumed = self._record()
        if not (resumed and _staged_for(record)):
            self._load("UNLOGGED", header)
            staging.run("CREATE UNLOGGED TABLE base_import_run (import_id bigint, batches int)")
            self._plan("UNLOGGED", take_ids=True)
            self._ready(record)
        for attempt in range(_ATTEMPTS):
            try:
                self._merge(record)
                break
            except merge.PlanOutdatedError:
                if attempt == _ATTEMPTS - 1:
                    raise
                self._plan("UNLOGGED", take_ids=True)
                self._ready(record)
        outcome = self._outcome(record.figures)
        self._finish(record, outcome)
        outcome.resumed = resumed
        return outcome

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

    def _plan(self, kind: str, *, take_ids: bool) -> None:
        self.report("judge", 0, 2)
        staging.read_values(kind, local_date(self.at), self._batches(), take_ids=take_ids)
        self.report("judge", 1, 2)
        conflicts.judge(kind, self.at)
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
                for name, number in merge.merge(batch, self.at).items():
                    record.figures[name] = record.figures.get(name, 0) + number
                record.batches_done = done + 1
                record.save(update_fields=["batches_done", "figures"])
        self.report("merge", 1, 1)

    def _outcome(self, written: dict[str, int]) -> BaseImportOutcome:
        figures = {name: written.get(name, 0) for name in merge.FIGURES}
        figures["rows_rejected"], rejects = write_rejects(self.path)
        figures["rows"] = _count("base_import_raw")
        figures["contracts_rejected"] = _count(
            "(SELECT DISTINCT contract_number FROM base_import_reject "
            "WHERE contract_number IS NOT NULL) r"
        )
        taken = _count("base_import_contract WHERE left_out_by IS NULL")
        figures["contracts_unchanged"] = (
            taken - figures["contracts_new"] - figures["contracts_touched"]
        )
        return BaseImportOutcome(figures, rejects)

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

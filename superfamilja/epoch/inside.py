"""Ask what the database says of itself, in one statement that any role may run."""

from dataclasses import dataclass
from typing import Any

from django.db import ProgrammingError, connection

from superfamilja.epoch.outside import Outside

# Three facts give a restore away. A reloaded dump writes the epoch's row in another transaction,
# into another table. A copy is another database. A restored or promoted server is on another
# timeline.
_LOOK = """
SELECT e.token AS epoch, e.mode, e.xmin::text AS row, coalesce(e.tableoid::bigint, 0) AS table,
       ARRAY(SELECT token::text FROM epoch_epoch WHERE id < e.id)
           || e.outside_before::text AS epochs_before,
       (SELECT why FROM epoch_halt WHERE ended_at IS NULL) AS halt,
       (SELECT system_identifier::text FROM pg_control_system()) AS cluster,
       (SELECT oid::bigint FROM pg_database WHERE datname = current_database()) AS database,
       pg_is_in_recovery() AS standby,
       CASE WHEN pg_is_in_recovery() THEN ''
            ELSE left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END AS timeline,
       coalesce((SELECT token FROM epoch_mark WHERE id = %s), '') AS mark_token,
       coalesce((SELECT min(id) FROM epoch_mark), 0) AS oldest_mark,
       EXISTS (SELECT FROM epoch_epochbirth b, pg_control_system() c
               WHERE b.epoch_id = e.id AND b.xid = e.xmin::text
                 AND b.table_oid = e.tableoid::bigint AND b.cluster = c.system_identifier::text
                 AND b.database_oid = (SELECT oid::bigint FROM pg_database
                                       WHERE datname = current_database())) AS born_here,
       coalesce((SELECT timeline FROM epoch_epochbirth WHERE epoch_id = e.id), '') AS born_timeline
FROM (VALUES (true)) AS always_one_row
LEFT JOIN LATERAL (SELECT *, xmin, tableoid FROM epoch_epoch ORDER BY id DESC LIMIT 1) e ON true
"""
_BIRTH = """
INSERT INTO epoch_epochbirth (epoch_id, xid, table_oid, database_oid, cluster, timeline)
SELECT e.id, e.xmin::text, e.tableoid::bigint,
       (SELECT oid::bigint FROM pg_database WHERE datname = current_database()),
       (SELECT system_identifier::text FROM pg_control_system()),
       left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
FROM epoch_epoch e WHERE e.id = %s
"""
_UNDEFINED_TABLE = "42P01"


@dataclass(frozen=True)
class Inside:
    """What the database says of itself and of a mark.

    It holds the epoch in force (None before the first), where the epoch's row stands, the mark that
    was asked for (empty when unknown), and whether the row is where it was first written.
    """

    epoch: str | None
    mode: str | None
    row: str | None
    table: int
    epochs_before: list[str]
    halt: str | None
    cluster: str
    database: int
    standby: bool
    timeline: str
    mark_token: str
    oldest_mark: int
    born_here: bool
    born_timeline: str

    def outside(self, mark: int = 0, mark_token: str = "") -> Outside:
        """Return the mark that has to stand outside of this database."""
        return Outside(
            epoch=self.epoch or "",
            cluster=self.cluster,
            timeline=self.timeline,
            database=self.database,
            table=self.table,
            row=self.row or "",
            mark=mark,
            mark_token=mark_token,
        )


def ask(mark: int) -> Inside | None:
    """Return what the database says of itself and of this mark; None before its tables exist."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_LOOK, [mark])
            names = [column.name for column in cursor.description]
            row: tuple[Any, ...] = cursor.fetchone()
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", None) == _UNDEFINED_TABLE:
            return None
        raise
    said = dict(zip(names, row, strict=True))
    said["epochs_before"] = [token for token in said["epochs_before"] if token]
    return Inside(**said)


def keep_birth(epoch: int) -> None:
    """Write down where this epoch's row was written. The same transaction wrote the row."""
    with connection.cursor() as cursor:
        cursor.execute(_BIRTH, [epoch])

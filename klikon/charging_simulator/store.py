"""Remember orders by their key, and what each number was given."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import RLock
from typing import Any

PLACE = Path("var") / "charging.sqlite3"
_TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS orders (
    reference TEXT PRIMARY KEY, msisdn TEXT, package TEXT, state TEXT, code TEXT, taken_at TEXT
);
-- When we said that the order had been accepted.
CREATE TABLE IF NOT EXISTS said (reference TEXT PRIMARY KEY, ordered_at TEXT);
-- Since when there is a list.
CREATE TABLE IF NOT EXISTS born (at TEXT);
-- One row each time somebody was given something: twice the same reference is a fault of ours.
CREATE TABLE IF NOT EXISTS packages (
    id INTEGER PRIMARY KEY, reference TEXT, msisdn TEXT, package TEXT, given_at TEXT,
    valid_until TEXT
);
CREATE INDEX IF NOT EXISTS packages_of_number ON packages (msisdn, package);
"""


@dataclass(frozen=True)
class Kept:
    """An order as it was first received, whatever came later."""

    reference: str
    msisdn: str
    package: str
    state: str
    code: str = ""

    def as_json(self) -> dict[str, str]:
        return {
            "reference": self.reference,
            "msisdn": self.msisdn,
            "package": self.package,
            "state": self.state,
            "code": self.code,
        }


class SimulatorStore:
    """An SQLite file with one statement at a time; small on purpose."""

    def __init__(self, path: Path | str) -> None:
        self._lock = RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.executescript(_TABLES)
        if not self._rows("SELECT at FROM born"):
            self._rows("INSERT INTO born VALUES (?)", _now())

    def find(self, reference: str) -> Kept | None:
        rows = self._rows(
            "SELECT reference, msisdn, package, state, code FROM orders WHERE reference = ?",
            reference,
        )
        return Kept(**rows[0]) if rows else None

    def keep(self, order: dict[str, Any], state: str, code: str = "") -> Kept:
        """Return the order with its outcome; the first one stays, as the key demands."""
        with self._lock:
            if kept := self.find(order["reference"]):
                return kept
            self._rows(
                "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)",
                order["reference"],
                order["msisdn"],
                order["package"],
                state,
                code,
                _now(),
            )
            self._rows(
                "INSERT INTO said VALUES (?, ?)", order["reference"], order.get("ordered_at")
            )
            if state == "done":
                self.give(order)
            return Kept(order["reference"], order["msisdn"], order["package"], state, code)

    def listed(self, since: str, after: int, limit: int) -> dict[str, Any]:
        """Return one page of the orders since then, oldest first, after `after`."""
        with self._lock:
            rows = self._rows(
                "SELECT o.rowid AS cursor, o.*, s.ordered_at FROM orders o "
                "LEFT JOIN said s USING (reference) "
                "WHERE taken_at >= ? AND o.rowid > ? ORDER BY o.rowid LIMIT ?",
                since,
                after,
                limit + 1,
            )
            (count,) = self._rows("SELECT count(*) AS n FROM orders WHERE taken_at >= ?", since)
        page = rows[:limit]
        following = str(page[-1]["cursor"]) if len(rows) > limit else None
        orders = [{k: v for k, v in row.items() if k != "cursor"} for row in page]
        (born,) = self._rows("SELECT at FROM born")
        return {"orders": orders, "next": following, "total": count["n"], "kept_since": born["at"]}

    def finish(self, order: dict[str, Any]) -> None:
        """Carry out a pending order."""
        with self._lock:
            kept = self.find(order["reference"])
            if kept and kept.state == "pending":
                self._rows("UPDATE orders SET state = 'done' WHERE reference = ?", kept.reference)
                self.give({**order, "msisdn": kept.msisdn, "package": kept.package})

    def give(self, order: dict[str, Any]) -> None:
        """Give the package from now on, or from the end of the one that the number has."""
        with self._lock:
            rows = self._rows(
                "SELECT max(valid_until) AS until FROM packages WHERE msisdn = ? AND package = ?",
                order["msisdn"],
                order["package"],
            )
            start = max(_now(), rows[0]["until"] or "")
            until = datetime.fromisoformat(start) + timedelta(days=int(order["validity_days"]))
            self._rows(
                "INSERT INTO packages (reference, msisdn, package, given_at, valid_until) "
                "VALUES (?, ?, ?, ?, ?)",
                order["reference"],
                order["msisdn"],
                order["package"],
                _now(),
                until.isoformat(),
            )

    def given(self) -> list[dict[str, Any]]:
        """Return everything that was given, in order."""
        return self._rows("SELECT reference, msisdn, package, given_at, valid_until FROM packages")

    def of_number(self, msisdn: str) -> list[dict[str, Any]]:
        """Return what this number has, and until when."""
        return self._rows(
            "SELECT package, max(valid_until) AS valid_until, count(*) AS times FROM packages "
            "WHERE msisdn = ? GROUP BY package ORDER BY package",
            msisdn,
        )

    def _rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        with self._lock:
            cursor = self._db.execute(sql, values)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def forget(place: Path = PLACE) -> None:
    """Remove the file and SQLite's own files beside it. No process may have it open."""
    for name in (place.name, f"{place.name}-wal", f"{place.name}-shm"):
        place.with_name(name).unlink(missing_ok=True)


def _now() -> str:
    return datetime.now(UTC).isoformat()

"""Who calls, and what the database must have when everybody has hung up.

Each call is a family of its own, except for the last two: they come at once from one leader whose
month has room for one package.
"""

from dataclasses import dataclass
from typing import Any

from benchmarks.activation import databases
from benchmarks.activation.questions import World

PRICE, CAP = 500, 6500
_BRINK = """
    INSERT INTO billing_billentry (contract_id, month, spent, ceiling)
    VALUES (%s, date_trunc('month', now() AT TIME ZONE 'Europe/Tirane')::date, %s, 6500)
    ON CONFLICT (contract_id, month) DO UPDATE SET spent = EXCLUDED.spent
"""
_DONE = """
    SELECT leader.msisdn, member.msisdn, a.charged_lek, a.spent_after
    FROM klikon_activation a
    JOIN groups_membership leader ON leader.id = a.leader_id
    JOIN groups_membership member ON member.id = a.member_id
    WHERE a.client = 'ivr' AND a.contract_id BETWEEN %s AND %s
"""
_CALLS = """
    SELECT outcome, count(*) FROM klikon_phonecall
    WHERE contract_id BETWEEN %s AND %s AND ended_at IS NOT NULL GROUP BY outcome
"""
_ON_THE_LINE = "SELECT count(*) FROM klikon_phonecall WHERE ended_at IS NULL"
_OVER = "SELECT count(*) FROM billing_billentry WHERE spent > 6500"


@dataclass(frozen=True)
class Families:
    """`number` calls, by the families from `first` on."""

    database: str
    world: World
    first: int
    number: int

    def calls(self) -> list[dict[str, Any]]:
        """Return the keys: member two, the cheapest package, yes, goodbye; every other is eager."""
        each = [
            {"number": self._number(family, 0), "keys": "2112", "eager": bool(family % 2)}
            for family in range(self.first, self._brink)
        ]
        leader = self._number(self._brink, 0)
        return [
            *each,
            {"number": leader, "keys": "2112", "eager": False},
            {"number": leader, "keys": "3112", "eager": False},
        ]

    def prepare(self) -> None:
        with databases.connect(self.database) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(_BRINK, [self._brink, CAP - PRICE])

    def on_the_line(self) -> int:
        """Return how many calls have no end yet."""
        with databases.connect(self.database) as connection:
            row = connection.execute(_ON_THE_LINE).fetchone()
        return row[0] if row else 0

    def check(self) -> None:
        """Check that everybody got the right package once within the cap. Raise SystemExit."""
        whose = [self.first, self._brink]
        with databases.connect(self.database) as connection:
            done = connection.execute(_DONE, whose).fetchall()
            outcomes = dict(connection.execute(_CALLS, whose).fetchall())
            [over] = connection.execute(_OVER).fetchone() or [None]
        leader = self._number(self._brink, 0)
        wanted = [
            (self._number(family, 0), self._number(family, 1), PRICE)
            for family in range(self.first, self._brink)
        ]
        right = {
            "each family's activation": sorted(r[:3] for r in done if r[0] != leader)
            == sorted(wanted),
            "the last room, once": [r[2:] for r in done if r[0] == leader] == [(PRICE, CAP)],
            "the register": outcomes == {"activated": self.number - 1, "refused": 1},
            "no cap is passed": over == 0,
        }
        if wrong := [what for what, is_right in right.items() if not is_right]:
            raise SystemExit(f"Wrong: {', '.join(wrong)}. {outcomes}")

    @property
    def _brink(self) -> int:
        return self.first + self.number - 2

    def _number(self, family: int, seat: int) -> str:
        return f"+355{670_000_000 + 3 * family + seat}"

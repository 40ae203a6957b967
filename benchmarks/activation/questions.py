"""The order of requests: members of a world.sql, of all contracts or of the last one only.

script.py has the same arithmetic for pgbench.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

AT = datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("Europe/Tirane"))
PACKAGE = "S700"
CLIENT = "bench"
# Coprime to 2 × contracts, so that every member but the leader comes once before one repeats.
STRIDE = 7_368_787


@dataclass(frozen=True)
class World:
    """The number of contracts; with `hot` everybody asks for the last one."""

    contracts: int
    hot: bool = False

    def contract(self, turn: int) -> int:
        if self.hot:
            return self.contracts + 1
        return turn * STRIDE % (2 * self.contracts) % self.contracts + 1

    def leader(self, turn: int) -> str:
        return f"+355{670_000_000 + 3 * self.contract(turn)}"

    def member(self, turn: int) -> str:
        return f"+355{670_000_000 + 3 * self.contract(turn) + self._seat(turn)}"

    def group_id(self, turn: int) -> int:
        return 2_000_000 + self.contract(turn)

    def member_id(self, turn: int) -> int:
        return 10_000_000 + 3 * self.contract(turn) + self._seat(turn)

    def _seat(self, turn: int) -> int:
        """Return one of the two beside the leader, so that three numbers get an SMS."""
        if self.hot:
            return 1 + turn % 2
        return 1 + turn * STRIDE % (2 * self.contracts) // self.contracts

"""Each purpose has its own lock number; a shared one would make them wait for each other."""

import re
from pathlib import Path

from superfamilja.data import advisory_locks

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ["superfamilja", "groups", "billing", "klikon"]
# A number in the statement itself, or a number assigned to a lock's name.
NUMBER = re.compile(r"pg_\w*advisory\w*lock\w*\(\s*\d|_LOCK\w*\s*=\s*\d[\d_]{4}")


def test_every_lock_has_a_number_of_its_own() -> None:
    numbers = [value for name, value in vars(advisory_locks).items() if name.endswith("_LOCK")]
    assert len(numbers) == 12
    assert len(set(numbers)) == 12


def test_no_other_module_gives_a_lock_a_number() -> None:
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    giving = [str(p.relative_to(ROOT)) for p in paths if NUMBER.search(p.read_text("utf-8"))]
    assert giving == ["superfamilja/data/advisory_locks.py"]

"""R37: production code asks the portal's clock and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
OTHER_CLOCKS = re.compile(
    r"timezone\.now\b|datetime\.(?:utc)?now\b|date\.today\b|\btime\.time\b|\blocaldate\(\)"
    r"|\blocaltime\(\)|\bNow\(\)|\bauto_now|(?:clock|statement|transaction)_timestamp\("
    r"|CURRENT_(?:TIMESTAMP|DATE|TIME)\b|(?<![\w.])now\(\)(?= *[-+,)\n\"])"
)
# Each asks another clock on purpose.
ALLOWED = {
    "superfamilja/clock/portal_clock.py": "it measures the machine's clock",
    "superfamilja/clock/shifting.py": "a step is stamped by the clock that nobody moves",
    "superfamilja/accounts/sign_in/lockout.py": "axes stamps its rows with the machine's clock",
    "superfamilja/accounts/sign_in/second_factor.py": "allauth stamps with the machine's clock",
    "superfamilja/launcher/checks.py": "it runs before there is a database",
    "superfamilja/launcher/say.py": "it runs before there is a database",
    "groups/base_import/merge.py": "the history stamps its rows with the transaction's time",
    "groups/undoing/undo_import.py": "the history stamps its rows with the transaction's time",
    "klikon/charging_simulator/callbacks.py": "another system with a clock of its own",
    "klikon/charging_simulator/store.py": "another system with a clock of its own",
    "klikon/ivr/voice/sounds.py": "the age of a file, by the clock that stamps files",
    "klikon/demonstration/switches.py": "its now() is the switch that is on, and no moment",
}


def found(text: str) -> list[str]:
    """Return the clocks that this text asks, in the order in which they stand."""
    return OTHER_CLOCKS.findall(text)


def test_only_the_portals_clock_is_asked():
    asking = {
        str(file.relative_to(ROOT))
        for room in ("superfamilja", "groups", "billing", "klikon")
        for file in (ROOT / room).rglob("*.py")
        if "migrations" not in file.parts and found(file.read_text())
    }
    assert asking == ALLOWED.keys()


def test_the_other_clocks_are_found():
    assert found("at = timezone.now()") == ["timezone.now"]
    assert found("field(default_factory=timezone.now)") == ["timezone.now"]
    assert found("SELECT clock_timestamp() AS now") == ["clock_timestamp("]
    assert found("SET settled_at = now(), crm_agrees") == ["now()"]
    assert found("at = portal_clock.now()") == []
    assert found("SELECT portal_now()") == []

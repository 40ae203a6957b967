"""Make a family whose payer wants to be asked first."""

import pytest

from klikon.models import (
    LeaderAssignment,
)
from klikon.payer import asking
from tests.factories import at, family_with_leader


@pytest.fixture
def leader() -> LeaderAssignment:
    """Ask Elira's payer first above 600 Lek: a Super 700 costs 500, a Super 1000 costs 800."""
    leader = family_with_leader()[1]
    asking.set_ask_above(group=leader.group, above_lek=600, at=at("2026-11-01 10:00"))
    return leader

"""Make a family with a Mobile Leader, for tests of staff that name it."""

import pytest

from groups.models import Group
from klikon.models import LeaderAssignment
from tests.factories import family_with_leader


@pytest.fixture
def leader() -> LeaderAssignment:
    return family_with_leader()[1]


@pytest.fixture
def group(leader: LeaderAssignment) -> Group:
    return leader.group

"""Make a family at the counter, and the staff who serve it."""

import pytest

from groups.models import Group
from klikon.models import LeaderAssignment
from superfamilja.accounts.roles import STORE_MANAGER
from tests.desk.counter import Counter
from tests.factories import family, family_with_leader


@pytest.fixture
def group() -> Group:
    """Three members and no Mobile Leader."""
    return family(3)


@pytest.fixture
def leader() -> LeaderAssignment:
    return family_with_leader()[1]


@pytest.fixture
def clerk() -> Counter:
    return Counter()


@pytest.fixture
def manager() -> Counter:
    return Counter(STORE_MANAGER)


@pytest.fixture(autouse=True)
def _folder(settings: pytest.FixtureRequest, tmp_path: object) -> None:
    settings.UPLOADS_DIR = tmp_path  # type: ignore[attr-defined]

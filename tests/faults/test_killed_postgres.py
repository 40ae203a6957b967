"""kill -9 of the whole PostgreSQL between any two statements of an activation (R21).

It uses a server of its own. The retry finds it dead, and the embedded server starts again for the
next process that needs it.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.faults import failpoints, family
from tests.faults.failpoints import ANSWER, END, PLAIN, UNDER_WAY
from tests.faults.family import Family
from tests.faults.processes import LOST, Database, Ended, elsewhere
from tests.faults.test_killed_process import ACTIVATED, NOTHING

POINTS = PLAIN + END


@pytest.fixture(scope="module")
def families(database: Database) -> Iterator[Family]:
    made = elsewhere(partial(family.several, len(POINTS)), database).answer
    return iter(made)


@pytest.mark.parametrize("point", POINTS)
def test_r21_struck_there_it_stands_whole_or_not_and_the_retry_charges_once(
    point: str, database: Database, data_dir: Path, families: Iterator[Family]
) -> None:
    one = next(families)
    killing = partial(failpoints.kill_postgres, data_dir)
    before = failpoints.postmaster(data_dir)
    struck = elsewhere(partial(family.struck, family.buy, one, point, killing), database)
    stands = elsewhere(partial(family.what_stands, one), database).answer
    assert failpoints.postmaster(data_dir) != before
    if point == ANSWER:  # an answered activation is committed
        assert struck.exitcode == 0
        assert stands == ACTIVATED
    else:
        assert struck == Ended(LOST)
        assert stands in ((NOTHING, ACTIVATED) if point == UNDER_WAY else (NOTHING,))
    retried = [elsewhere(partial(family.buy, one), database).answer for _ in range(2)]
    assert retried[0] == retried[1]
    assert struck.answer in (None, retried[0])
    assert elsewhere(partial(family.what_stands, one), database).answer == ACTIVATED

"""Tests of the clock measure the database's."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from superfamilja.clock import portal_clock

_AHEAD = portal_clock._ahead  # as it is before any test


@pytest.fixture
def real_ahead() -> Callable[[], timedelta]:
    return _AHEAD

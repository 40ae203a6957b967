"""Loaded by `make test`: leave out only the tests whose program is missing."""

import shutil

import pytest

# Mark → the program that tests with it need.
_NEEDED = {"browser": "chromium", "clamd": "clamd", "kannel": "bearerbox"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = {mark: name for mark, name in _NEEDED.items() if not shutil.which(name)}
    for item in items:
        for mark, name in missing.items():
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=f"no {name} on PATH"))

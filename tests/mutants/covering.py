"""A pytest plugin that writes which tests run which lines, and how long each test takes.

    python -m pytest -n 0 -p tests.mutants.covering --covering FILE tests/klikon …

Whatever a test's fixtures run counts too. Failed and skipped tests are left out.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import coverage
import pytest

from tests.mutants.mutating import ROOT, TARGETS


@dataclass
class Covering:
    """A test: its seconds, whether it commits, and the lines that it runs in each target."""

    seconds: float
    commits: bool
    lines: dict[str, list[int]]


def read(file: Path) -> dict[str, Covering]:
    """Return the tests of a written file by their node id."""
    found = json.loads(file.read_text(encoding="utf-8"))
    return {nodeid: Covering(**test) for nodeid, test in found.items()}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--covering", type=Path, required=True)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Collector(config.option.covering))


class Collector:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.coverage = coverage.Coverage(data_file=None, include=[str(t) for t in TARGETS])
        self.seconds: dict[str, float] = defaultdict(float)
        self.commits: dict[str, bool] = {}
        self.left_out: set[str] = set()
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        marker = item.get_closest_marker("django_db")
        self.commits[item.nodeid] = bool(marker and marker.kwargs.get("transaction"))
        self.coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self.coverage.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += report.duration
        if not report.passed:
            self.left_out.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        data = self.coverage.get_data()
        lines: dict[str, dict[str, list[int]]] = defaultdict(dict)
        for name in data.measured_files():
            for line, tests in data.contexts_by_lineno(name).items():
                for nodeid in set(tests) - self.left_out - {""}:
                    of_file = str(Path(name).relative_to(ROOT))
                    lines[nodeid].setdefault(of_file, []).append(line)
        found = {
            nodeid: asdict(Covering(self.seconds[nodeid], commits, lines[nodeid]))
            for nodeid, commits in sorted(self.commits.items())
            if nodeid not in self.left_out
        }
        self.file.write_text(json.dumps(found), encoding="utf-8")

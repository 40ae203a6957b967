"""The trial itself, a pytest plugin: one forked process per mutant runs the tests that cover it.

    python -m pytest -n 0 -p tests.mutants.trial --covering FILE --mutants 300 --seed 1 \\
        --results FILE tests/klikon …

A mutant is killed when one of them fails. Those that have killed others come first, then the
fastest; of a test with parameters only the fastest one, the others wait until the end. Tests that
commit run last, each mutant in a copy of the database of its own; for a lock they run first,
because only a race can miss it. The results are kept as JSON lines, and a second run goes on where
the first one ended.
"""

import gc
import json
import os
import random
import select
import signal
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from pytest_django.plugin import blocking_manager_key

from tests import template_database
from tests.mutants import covered, covering
from tests.mutants.mutating import Mutant, all_mutants
from tests.mutants.transplant import transplant

OF_ONE_KIND = 60
# Two trials at a time need two names: this is the variable by which pytest-django tells them apart.
_COPY = f"test_of_one_mutant_{os.environ.get('TOX_PARALLEL_ENV', '')}"


def sampled(number: int, seed: int) -> list[Mutant]:
    """Return the sample: at most OF_ONE_KIND of a kind, because swapped arguments are many."""
    order = all_mutants()
    random.Random(seed).shuffle(order)  # noqa: S311 - a sample, not a secret
    kinds: Counter[str] = Counter()
    chosen = []
    for mutant in order:
        kinds[mutant.kind] += 1
        if kinds[mutant.kind] <= OF_ONE_KIND:
            chosen.append(mutant)
    return chosen[:number]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mutants")
    group.addoption("--covering", type=Path, required=True)
    group.addoption("--results", type=Path, required=True)
    group.addoption("--mutants", type=int, default=300)
    group.addoption("--seed", type=int, default=1)
    group.addoption("--budget", type=float, default=1e9, help="seconds of tests for a mutant")
    group.addoption("--only", default="", help="names of mutants, with commas between them")
    group.addoption("--quiet-only", action="store_true", help="races for locks alone")
    group.addoption("--again", action="store_true", help="run the survivors again")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    Trial(session).run()
    return True


@dataclass
class Outcome:
    """What became of a mutant: killed, timed out, survived, or covered by no test."""

    became: str
    by: str = ""
    tests: int = 0
    seconds: float = 0


class Trial:
    def __init__(self, session: pytest.Session) -> None:
        options = session.config.option
        self.session, self.results, self.budget = session, options.results, options.budget
        self.blocker = session.config.stash[blocking_manager_key]
        self.items = {item.nodeid: item for item in session.items}
        self.covering = {
            nodeid: test
            for nodeid, test in covering.read(options.covering).items()
            if nodeid in self.items
        }
        self.kills: Counter[str] = Counter()
        wanted = set(options.only.split(",")) - {""}
        self.mutants = (
            [mutant for mutant in all_mutants() if mutant.name in wanted]
            if wanted
            else sampled(options.mutants, options.seed)
        )
        self.again, self.quiet_only = options.again, options.quiet_only
        self.sound: set[str] = set()

    def run(self) -> None:
        known = self._known()
        self._start_the_fixtures()
        for number, mutant in enumerate(self.mutants, 1):
            was = known.get(mutant.name)
            if was and (not self.again or was["became"] in {"killed", "timed out"}):
                continue
            outcome = self._tried(mutant)
            self.kills[outcome.by] += outcome.became == "killed"
            row = {"mutant": mutant.name, "line": mutant.line, "kind": mutant.kind}
            row |= {"said": mutant.said, **vars(outcome)}
            with self.results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
            where = f"{mutant.file}:{mutant.line}"
            _say(f"{number} {outcome.became} {where} {mutant.kind}: {mutant.said} [{outcome.by}]")

    def _known(self) -> dict[str, Any]:
        if not self.results.exists():
            return {}
        rows = [json.loads(line) for line in self.results.read_text("utf-8").splitlines()]
        self.kills.update(row["by"] for row in rows if row["became"] == "killed")
        return {row["mutant"]: row for row in rows}

    def _start_the_fixtures(self) -> None:
        """Run one test, so that each child inherits the session's fixtures and its database."""
        first = next(self.items[n] for n, test in self.covering.items() if not test.commits)
        # A test of another folder as the next one ends all that belongs to this folder.
        after = next(i for i in self.session.items if i.path.parent != first.path.parent)
        first.ihook.pytest_runtest_protocol(item=first, nextitem=after)
        connections.close_all()
        gc.freeze()  # so that a child's collector does not copy all of the parent's memory

    def _tried(self, mutant: Mutant) -> Outcome:
        """Run the tests that cover it. Those that commit get a database of their own."""
        tests = self._covering(mutant)
        if not tests:
            return Outcome("not covered")
        commits = [n for n in tests if self.covering[n].commits]
        quiet = [n for n in tests if not self.covering[n].commits]
        rounds = [commits, quiet] if mutant.kind == "lock" else [quiet, commits]
        if self.quiet_only and mutant.kind != "lock":
            rounds = [quiet]
        begun = monotonic()
        tried = 0
        for chosen in rounds:
            if not chosen:
                continue
            tried += len(chosen)
            became, by = self._in_a_child(mutant, chosen, copy=chosen is commits)
            if became == "killed" and not self._passes_without(by):
                del self.covering[by]
                return self._tried(mutant)
            if became != "survived":
                return Outcome(became, by, tried, round(monotonic() - begun, 1))
        return Outcome("survived", "", tried, round(monotonic() - begun, 1))

    def _passes_without(self, nodeid: str) -> bool:
        """Return True when the test passes without any mutant: only then has it killed one."""
        if nodeid not in self.sound:
            became, _ = self._in_a_child(None, [nodeid], copy=self.covering[nodeid].commits)
            if became != "survived":
                _say(f"left out, because it fails without a mutant: {nodeid}")
                return False
            self.sound.add(nodeid)
        return True

    def _covering(self, mutant: Mutant) -> list[str]:
        found = covered.tests_of(mutant, self.covering)
        found.sort(key=lambda n: self.covering[n].seconds)
        firsts = set({n.partition("[")[0]: n for n in reversed(found)}.values())
        found.sort(key=lambda n: (-self.kills[n], n not in firsts))
        spent, chosen = {False: 0.0, True: 0.0}, []
        for nodeid in found:
            test = self.covering[nodeid]
            spent[test.commits] += test.seconds
            if spent[test.commits] <= self.budget:
                chosen.append(nodeid)
        return chosen

    def _in_a_child(
        self, mutant: Mutant | None, tests: list[str], *, copy: bool
    ) -> tuple[str, str]:
        if copy:
            with self.blocker.unblock():
                _copy_the_database()
        reads, writes = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reads)
            with os.fdopen(writes, "w") as said:
                said.write(self._run_here(mutant, tests, copy=copy))
                said.flush()
                os._exit(0)
        os.close(writes)
        patience = 60 + 4 * sum(self.covering[n].seconds for n in tests)
        try:
            return _answer(reads, child, patience)
        finally:
            os.close(reads)
            os.waitpid(child, 0)
            if copy:
                with self.blocker.unblock():
                    _drop_the_copy()

    def _run_here(self, mutant: Mutant | None, tests: list[str], *, copy: bool) -> str:
        """Return the test that failed, or nothing. This is the forked process."""
        os.setpgrp()
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        if copy:
            connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = _COPY
        try:
            if mutant:
                transplant(mutant)
            return self._first_failure([self.items[n] for n in tests])
        except BaseException as error:
            return f"could not run: {error!r}"

    def _first_failure(self, items: list[pytest.Item]) -> str:
        plugins = self.session.config.pluginmanager
        plugins.unregister(name="terminalreporter")
        failed: list[str] = []
        plugins.register(_Listening(failed))
        for item, after in zip(items, [*items[1:], items[0]], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
            if failed:
                return failed[0]
        return ""


class _Listening:
    def __init__(self, failed: list[str]) -> None:
        self.failed = failed

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)


def _answer(reads: int, child: int, patience: float) -> tuple[str, str]:
    ready, _, _ = select.select([reads], [], [], patience)
    if not ready:
        os.killpg(child, signal.SIGKILL)
        return "timed out", ""
    said = os.read(reads, 65536).decode()
    if said.startswith("could not run"):
        return "not run", said
    return ("killed", said) if said else ("survived", "")


def _copy_the_database() -> None:
    template = template_database.PREFIX + template_database._fingerprint()
    _drop_the_copy()
    with closing(connection.copy()) as apart, apart._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{_COPY}" TEMPLATE "{template}"')


def _drop_the_copy() -> None:
    with closing(connection.copy()) as apart, apart._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{_COPY}" WITH (FORCE)')


def _say(line: str) -> None:
    sys.stderr.write(line.replace("\n", " ") + "\n")
    sys.stderr.flush()

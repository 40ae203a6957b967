"""What the trial of `make mutants` can change, shown at a few lines."""

import ast
from pathlib import Path

import pytest

from tests.mutants import covered, sql
from tests.mutants.covering import Covering
from tests.mutants.mutating import ROOT, Mutant, all_mutants, mutants_in, mutants_of
from tests.mutants.trial import sampled


def changed(line: str) -> list[tuple[str, str]]:
    """Return the kind and the text of each mutant of a line."""
    found = []
    for number in range(len(mutants_in(line, "")[1])):
        tree, mutants = mutants_in(line, "")
        mutants[number].change()
        found.append((mutants[number].kind, ast.unparse(ast.fix_missing_locations(tree))))
    return found


@pytest.mark.parametrize(
    ("line", "mutants"),
    [
        ("fits = a <= b", [("comparison", "fits = a < b")]),
        ("fits = a and b", [("and/or", "fits = a or b")]),
        ("fits = not a", [("removed not", "fits = a")]),
        ("left = a - b", [("arithmetic", "left = a + b")]),
        ("left = 5", [("constant", "left = 6"), ("constant", "left = 4")]),
        ("left = f(a, b)", [("swapped arguments", "left = f(b, a)")]),
        ("left = f(x=a, y=b)", [("swapped arguments", "left = f(x=b, y=a)")]),
        ("left = f(a, a)", []),
        ("tell(a)", [("removed statement", "pass")]),
        ("assert a <= b", []),
        ("q = 'SELECT a WHERE b <= c'", [("SQL comparison", "q = 'SELECT a WHERE b < c'")]),
        ("q = 'a <= b'", []),
    ],
)
def test_a_line_is_changed_at_one_place_at_a_time(
    line: str, mutants: list[tuple[str, str]]
) -> None:
    assert changed(line) == mutants


@pytest.mark.parametrize(
    ("statement", "kind", "after"),
    [
        ("SELECT a FROM b WHERE c = 1 AND d", "SQL and/or", "SELECT a FROM b WHERE c = 1 OR d"),
        (
            "SELECT a FROM b WHERE c = 1 AND d",
            "SQL comparison",
            "SELECT a FROM b WHERE c <> 1 AND d",
        ),
        ("SELECT a FROM b FOR SHARE OF b", "lock", "SELECT a FROM b"),
        ("SELECT pg_advisory_xact_lock(1, 2)", "lock", "SELECT int4and(1, 2)"),
        ("SELECT a WHERE NOT EXISTS (b)", "SQL not", "SELECT a WHERE EXISTS (b)"),
    ],
)
def test_a_statement_of_sql_is_changed(statement: str, kind: str, after: str) -> None:
    assert [found.text for found in sql.changes(statement) if found.kind == kind] == [after]


def test_the_money_and_its_locks_are_among_the_mutants() -> None:
    """A target that moved, or whose locks are written otherwise, has to be found again."""
    found = [mutant for mutant in all_mutants() if mutant.kind == "lock"]
    assert {mutant.file for mutant in found} == {
        "billing/charges.py",
        "klikon/activation/fresh_reference.py",
        "klikon/activation/snapshot.py",
    }


def test_a_seed_draws_the_same_sample_and_another_seed_another_one() -> None:
    drawn = [mutant.name for mutant in sampled(300, 1)]
    assert len(set(drawn)) == 300
    assert drawn == [mutant.name for mutant in sampled(300, 1)]
    assert drawn != [mutant.name for mutant in sampled(300, 2)]


def one(file: str, kind: str, said: str) -> Mutant:
    _, mutants = mutants_of(ROOT / file)
    return next(m for m in mutants if m.kind == kind and said in m.said)


def line_of(file: str, text: str) -> int:
    lines = Path(ROOT / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_a_statement_of_a_function_is_covered_by_the_tests_that_run_its_line() -> None:
    file = "klikon/activation/rules.py"
    line = line_of(file, "return price.charged_lek <= self.left_lek")
    tests = {
        "runs": Covering(1, False, {file: [line]}),
        "runs another": Covering(1, False, {file: [line + 1]}),
    }
    assert covered.tests_of(one(file, "comparison", "<= self.left_lek"), tests) == ["runs"]


def test_a_constant_is_covered_by_the_tests_of_the_functions_that_use_it() -> None:
    """_MEMBER_SPENT stands in _FACTS, and `read` sends _FACTS."""
    file = "klikon/activation/snapshot.py"
    tests = {
        "reads": Covering(1, False, {file: [line_of(file, "        _FACTS,")]}),
        "locks": Covering(1, False, {file: [line_of(file, "        _LOCK,")]}),
    }
    mutant = one(file, "SQL comparison", "a.accepted_at >= %(month)s")
    assert covered.tests_of(mutant, tests) == ["reads"]


def test_what_a_class_declares_is_covered_by_the_tests_whose_file_names_it() -> None:
    tests = {
        "tests/klikon/ivr/test_dialogue.py::names_it": Covering(1, False, {}),
        "tests/klikon/test_references.py::names_it_not": Covering(1, False, {}),
    }
    mutant = one("klikon/activation/refusals.py", "constant", "True → False")
    assert covered.tests_of(mutant, tests) == ["tests/klikon/ivr/test_dialogue.py::names_it"]

"""Each rule of an activation in docs/rules.md is named in the code and in a test."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RULES = [f"R{number}" for number in [*range(1, 17), 19, 21, 25, 27, 28, 29]]


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def named_in(text: str) -> set[str]:
    """R9 in a sentence, and in a test's name: test_r9_… or TestR9."""
    return {f"R{number}" for number in re.findall(r"(?:\bR|_r|TestR)(\d+)(?!\d)", text)}


@pytest.fixture(scope="module")
def cited() -> set[str]:
    rooms = python_files("klikon", "billing", "groups")
    return {rule for path in rooms for rule in named_in(path.read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def tested() -> set[str]:
    found = set()
    for path in python_files("tests"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name.lower().startswith(
                "test"
            ):
                found |= named_in(f"{node.name} {ast.get_docstring(node)}")
    return found


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_named_where_it_is_kept(rule: str, cited: set[str]) -> None:
    assert rule in cited


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_test_that_names_it(rule: str, tested: set[str]) -> None:
    assert rule in tested


def rules_asked() -> list[tuple[str, str]]:
    """Return the lines of the activation's decision that check a rule: function and comment."""
    source = (ROOT / "klikon/activation/activate.py").read_text(encoding="utf-8")
    decide = source[source.index("def _decide") : source.index("def answer")]
    return re.findall(r"^ +(?:\w+ = )?rules\.(\w+)\(.*\)(.*)$", decide, re.MULTILINE)


def test_every_rule_that_the_activation_asks_is_named_beside_it() -> None:
    asked = rules_asked()
    assert len(asked) >= 9
    assert [function for function, comment in asked if not named_in(comment)] == []


def test_a_rule_and_the_activation_name_it_by_the_same_numbers() -> None:
    tree = ast.parse((ROOT / "klikon/activation/rules.py").read_text(encoding="utf-8"))
    kept = {
        node.name: named_in(ast.get_docstring(node) or "")
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    apart = {
        function: (named_in(comment), kept[function])
        for function, comment in rules_asked()
        if not named_in(comment) & kept[function]
    }
    assert apart == {}


def test_the_decision_fits_a_screen() -> None:
    tree = ast.parse((ROOT / "klikon/activation/activate.py").read_text(encoding="utf-8"))
    decide = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "_decide")
    assert decide.end_lineno is not None
    assert decide.end_lineno - decide.lineno < 30


def test_control_a_rule_that_nobody_names_is_seen() -> None:
    assert named_in("R9, R16: an xR3 does not count; test_r25_and TestR21") == {
        "R9",
        "R16",
        "R25",
        "R21",
    }

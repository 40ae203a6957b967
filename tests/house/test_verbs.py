"""Every recorded act has words on the screen, which its own app registers."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from superfamilja.audit import verbs
from tests.house.test_rooms import ROOMS, ROOT


def recorded_verbs(path: Path) -> Iterator[str]:
    """Return the first argument of each `record(…)`, a literal or a constant of the module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and ast.unparse(node.func).endswith("record"):
            verb = node.args[0]
            if isinstance(verb, ast.Constant) and isinstance(verb.value, str):
                yield verb.value
            elif isinstance(verb, ast.Name) and isinstance(constants.get(verb.id), str):
                yield constants[verb.id]


def all_recorded() -> set[str]:
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    writing = [path for path in files if "superfamilja.audit" in path.read_text(encoding="utf-8")]
    return {verb for path in writing for verb in recorded_verbs(path)}


def test_every_recorded_verb_has_words() -> None:
    found = all_recorded()
    assert len(found) > 75
    assert found - verbs.SPOKEN.keys() == set()


def test_control_a_verb_without_words_is_found(tmp_path: Path) -> None:
    (tmp_path / "act.py").write_text('NAMED = "b"\nacts.record("a", at=1)\n_record(NAMED)\n')
    assert list(recorded_verbs(tmp_path / "act.py")) == ["a", "b"]


def test_two_apps_cannot_name_the_same_verb() -> None:
    with pytest.raises(ValueError, match="open_group"):
        verbs.register({"open_group": verbs.SPOKEN["open_group"]})


def named_above(text: str) -> list[str]:
    """Return permissions and other names of rooms above that appear as strings."""
    return re.findall(r'"((?:groups|billing|klikon|desk|provisioning|comparison)\.[a-z_.]+)"', text)


def test_the_ground_floor_names_nothing_of_the_rooms_above() -> None:
    known = {"settings.py", "urls.py"}  # they name every room on purpose
    files = [path for path in (ROOT / "superfamilja").rglob("*.py") if path.name not in known]
    assert [found for path in files for found in named_above(path.read_text("utf-8"))] == []


def test_control_a_permission_of_a_room_above_is_found() -> None:
    assert named_above('grant("klikon.freeze_leader", TO)') == ["klikon.freeze_leader"]

"""A class name that exists once is found in one step."""

import ast
from collections import defaultdict
from pathlib import Path

ROOMS = ["superfamilja", "groups", "billing", "klikon"]
ROOT = Path(__file__).resolve().parents[2]
DJANGOS_OWN = {"Command"}  # Django finds a command by this name


def names_in_two_modules(root: Path) -> dict[str, list[str]]:
    """Return each public class name that two modules define, with the modules."""
    found: dict[str, list[str]] = defaultdict(list)
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found[node.name].append(str(path.relative_to(root)))
    return {
        name: places
        for name, places in found.items()
        if len(places) > 1 and name not in DJANGOS_OWN
    }


def test_no_public_class_name_stands_in_two_modules() -> None:
    assert names_in_two_modules(ROOT) == {}


def test_a_planted_second_class_of_a_name_is_found(tmp_path: Path) -> None:
    (tmp_path / "groups").mkdir()
    (tmp_path / "billing").mkdir()
    (tmp_path / "groups/one.py").write_text("class Line: ...\nclass Command: ...\nclass _Row: ...")
    (tmp_path / "billing/two.py").write_text("class Line: ...\nclass Command: ...\nclass _Row: ...")
    assert names_in_two_modules(tmp_path) == {"Line": ["groups/one.py", "billing/two.py"]}

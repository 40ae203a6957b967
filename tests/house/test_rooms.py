"""The house stands as docs and README say: rooms, stairs, formats."""

import ast
from collections.abc import Iterator
from datetime import date
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from django.utils.formats import date_format, number_format
from django.utils.translation import override

ROOT = Path(__file__).resolve().parents[2]
STAIRS = ["superfamilja", "groups", "billing", "klikon"]  # each may import those before it
# They name every room on purpose.
EXCEPTED = {"superfamilja/settings.py", "superfamilja/urls.py"}


def imports_of(path: Path) -> Iterator[str]:
    """Every module that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: write imports in full"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules_of(root: Path) -> dict[str, Path]:
    found = {}
    for room in STAIRS:
        for path in sorted((root / room).rglob("*.py")):
            relative = path.relative_to(root)
            if "migrations" not in relative.parts and str(relative) not in EXCEPTED:
                name = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
                found[name] = path
    return found


def upward_imports(root: Path) -> list[str]:
    """«billing.x imports klikon.y» for each import that points up the stairs."""
    above = {room: set(STAIRS[step + 1 :]) for step, room in enumerate(STAIRS)}
    return sorted(
        {
            f"{name} imports {imported}"
            for name, path in modules_of(root).items()
            for imported in imports_of(path)
            if imported.split(".")[0] in above[name.split(".")[0]]
        }
    )


def circle(root: Path) -> list[str]:
    """The modules of one import circle, or nothing. A package's own front door does not count."""
    modules = modules_of(root)
    graph = {
        name: {
            imported
            for imported in imports_of(path)
            if imported in modules and imported != name and not name.startswith(f"{imported}.")
        }
        for name, path in modules.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def packages_in_a_circle(root: Path) -> list[str]:
    """The same of whole packages of klikon, its own modules together being one. What Django asks
    for at the package's door (apps, admin) names the others on purpose."""
    modules = modules_of(root)
    graph: dict[str, set[str]] = {}
    for name, path in modules.items():
        if name.startswith("klikon.") and name not in {"klikon.apps", "klikon.admin"}:
            package = _package(modules, name)
            seen = {_package(modules, other) for other in imports_of(path) if other in modules}
            graph.setdefault(package, set()).update(seen - {package})
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


CORE = {"catalogue", "activation", "leader", "payer", "papers", "reading", "for_billing"}


def _package(modules: dict[str, Path], name: str) -> str:
    """klikon.desk for klikon.desk.acts.leader, klikon for klikon.payer.asking."""
    if name.startswith("klikon.") and name.split(".")[1] in CORE:
        return "klikon"
    first_two = ".".join(name.split(".")[:2])
    is_package = modules[first_two].name == "__init__.py" if first_two in modules else False
    return first_two if is_package else name.split(".", maxsplit=1)[0]


def test_no_import_points_up() -> None:
    assert upward_imports(ROOT) == []


def test_no_imports_go_in_a_circle() -> None:
    assert circle(ROOT) == []


def test_no_packages_go_in_a_circle() -> None:
    assert packages_in_a_circle(ROOT) == []


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A house with an upward import and circles of modules and packages, hidden in functions."""
    for room in (*STAIRS, "klikon/desk", "klikon/staff"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").touch()
    (tmp_path / "klikon/desk/page.py").write_text("def f():\n    import klikon.staff.act\n")
    (tmp_path / "klikon/staff/act.py").touch()
    (tmp_path / "klikon/staff/form.py").write_text("from klikon.desk import page\n")
    (tmp_path / "groups/up.py").write_text("def f():\n    from billing import charges\n")
    (tmp_path / "klikon/one.py").write_text("def f():\n    import klikon.two\n")
    (tmp_path / "klikon/two.py").write_text("from klikon import one\n")
    return tmp_path


def test_control_a_hidden_upward_import_is_seen(planted: Path) -> None:
    assert upward_imports(planted) == [
        "groups.up imports billing",
        "groups.up imports billing.charges",
    ]


def test_control_a_hidden_circle_is_seen(planted: Path) -> None:
    assert set(circle(planted)) == {"klikon.one", "klikon.two"}


def test_control_a_circle_of_packages_is_seen(planted: Path) -> None:
    assert set(packages_in_a_circle(planted)) == {"klikon.desk", "klikon.staff"}


def test_nothing_stands_at_the_top_that_the_house_does_not_know() -> None:
    known = {
        "manage.py",
        "superfamilja",
        "groups",
        "klikon",
        "billing",
        "templates",
        "static",
        "requirements.txt",
        "requirements-dev.txt",
        "tests",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Makefile",
        "pyproject.toml",
        "docs",
        "locale",
        "benchmarks",
        "deploy",
        "data",
    }
    there = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert there - known - {"var"} == set()


@pytest.mark.parametrize("language", ["sq", "en"])
def test_dates_and_amounts_are_written_as_here(language: str) -> None:
    with override(language):
        assert date_format(date(2026, 11, 3), "SHORT_DATE_FORMAT") == "03.11.2026"
        assert number_format(6500, force_grouping=True) == "6.500"

"""Check that imports, the top folder and formats are as docs and README say."""

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.utils.formats import date_format, number_format
from django.utils.translation import override

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("superfamilja", "groups", "billing", "klikon")


def lint_imports(root: Path) -> tuple[int, str]:
    """Run import-linter with our contracts on the rooms of that folder."""
    program = Path(sys.executable).with_name("lint-imports")
    told = subprocess.run(
        [program, "--no-cache", "--no-logo", ROOT / "pyproject.toml"],
        cwd=root,
        check=False,
        capture_output=True,
        text=True,
    )
    return told.returncode, told.stdout + told.stderr


@pytest.fixture
def copied_house(tmp_path: Path) -> Path:
    """Copy the Python of the four rooms, to plant a wrong import in the copy."""
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            copy = tmp_path / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    return tmp_path


def test_every_import_goes_where_the_contracts_let_it() -> None:
    status, told = lint_imports(ROOT)
    assert status == 0, told


PARTS = "The parts of klikon are read in one order"
# (Contract, file, the line planted in it). It stands in a function, where it is hidden best.
PLANTED = [
    ("Imports point down the stairs", "groups/terms.py", "import billing.charges"),
    ("No packages import each other in a circle", "groups/models.py", "import groups.membership"),
    (PARTS, "klikon/leader/leadership.py", "import klikon.papers.declaration"),
    (PARTS, "klikon/papers/typeset.py", "import klikon.desk.urls"),
    (PARTS, "klikon/desk/urls.py", "import klikon.customer.finding"),
    (PARTS, "klikon/ivr/figures.py", "import klikon.desk.models"),
    # A new part without a place of its own.
    (PARTS, "klikon/newcomer.py", "import klikon.models"),
]


@pytest.mark.parametrize(("contract", "file", "line"), PLANTED)
def test_control_a_planted_import_breaks_its_contract(
    contract: str, file: str, line: str, copied_house: Path
) -> None:
    with (copied_house / file).open("a", encoding="utf-8") as module:
        module.write(f"\n\ndef _planted() -> None:\n    {line}\n")
    status, told = lint_imports(copied_house)
    assert (status, f"{contract} BROKEN" in told) == (1, True), told


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

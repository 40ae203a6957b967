"""Check that docs and README are true about the tree: paths, names, rules, folders."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/reading-guide.md").read_text(encoding="utf-8")
RULES = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
OF_THE_TREE = ("superfamilja/", "groups/", "billing/", "klikon/", "tests/", "docs/", "templates/")

ADRS = sorted((ROOT / "docs/adr").glob("*.md"))
PARTS_OF_AN_ADR = ["Status", "Date", "Context", "Decision", "Consequences", "Turned down"]

DJANGOS_OWN = {"migrations", "management", "templatetags", "formats"}


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


def paths(text: str) -> set[str]:
    return {word for word in quoted(text) if word.startswith(OF_THE_TREE) and " " not in word}


def rooms() -> set[str]:
    """Return every folder with code of the product, except those that Django requires."""
    command = ["git", "ls-files", "superfamilja", "groups", "billing", "klikon"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    folders = {Path(name).parent for name in listed.stdout.split() if name.endswith(".py")}
    return {str(folder) for folder in folders if not DJANGOS_OWN & set(folder.parts)}


@pytest.mark.parametrize("page", ["docs/reading-guide.md", "docs/rules.md", "README.md"])
def test_every_path_that_a_page_names_is_there(page: str) -> None:
    named = paths((ROOT / page).read_text(encoding="utf-8"))
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_name_of_the_walk_stands_where_it_says() -> None:
    """Each step names its files first; they must contain its names."""
    missing = []
    for step in re.split(r"\n(?=\d\. |- \*)", GUIDE)[1:]:
        sources = [ROOT / path for path in paths(step) if (ROOT / path).is_file()]
        text = "".join(source.read_text(encoding="utf-8") for source in sources)
        names = [n for n in quoted(step) if re.fullmatch(r"[A-Za-z_]+(\.[a-z_]+)?", n)]
        missing += [n for n in names if not re.search(rf"\b{n.split('.')[-1]}\b", text)]
    assert missing == []


@pytest.mark.parametrize("adr", ADRS, ids=lambda adr: adr.stem)
def test_an_adr_has_one_form(adr: Path) -> None:
    """The title is the decision; each heading comes once, in order, and has text below it."""
    title, *parts = re.split(r"^## ", adr.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert re.fullmatch(rf"# {int(adr.stem[:4])}\. [A-Z\"“].+[^.\s]\s+", title)
    read = dict(part.split("\n", 1) for part in parts)
    assert [part.split("\n", 1)[0] for part in parts] == PARTS_OF_AN_ADR
    assert [name for name, text in read.items() if not text.strip()] == []
    assert re.fullmatch(r"(Accepted|Superseded by ADR \d{4})\b[^#]*", read["Status"].strip())
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", read["Date"].strip())


@pytest.mark.parametrize("adr", ADRS, ids=lambda adr: adr.stem)
def test_an_adr_has_150_to_400_words(adr: Path) -> None:
    """Headings and the lines of tables aside."""
    lines = adr.read_text(encoding="utf-8").splitlines()
    text = " ".join(line for line in lines if not line.startswith("#"))
    words = [word for word in text.split() if re.search(r"\w", word)]
    assert 150 <= len(words) <= 400


def test_adrs_are_numbered_without_a_gap() -> None:
    assert [int(page.stem[:4]) for page in ADRS] == list(range(1, len(ADRS) + 1))


def test_every_rule_has_a_place_where_it_lives() -> None:
    rules, lives = RULES.split("## Where each rule lives")
    decided = set(re.findall(r"^\| (R\d+) \|", rules, re.MULTILINE))
    placed = re.findall(r"^\| (R\d[^|]*)\|", lives.split("## Beside")[0], re.MULTILINE)
    assert len(decided) > 30
    assert decided - {rule for row in placed for rule in re.findall(r"R\d+", row)} == set()


def test_the_tree_in_the_readme_is_the_tree() -> None:
    drawn = README.split("<!-- tree -->")[1]
    said = {line.split("  ")[0].strip().rstrip("/") for line in drawn.splitlines() if "/" in line}
    assert said == rooms()


def test_no_folder_holds_more_than_fourteen_modules() -> None:
    counts = {}
    for folder in rooms():
        modules = [p for p in (ROOT / folder).glob("*.py") if p.name != "__init__.py"]
        counts[folder] = len(modules)
    assert {folder: n for folder, n in counts.items() if n > 14} == {}

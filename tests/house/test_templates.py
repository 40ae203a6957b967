"""Templates and style sheets have one thing a line and at most 120 characters."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = (
    "article|caption|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|h1|h2|h3|header|"
    "legend|li|main|nav|ol|p|section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
OPENED = re.compile(rf"<(?:{BLOCK})(?=[\s>{{])")


def faults(text: str) -> list[tuple[int, str]]:
    """Return each line that is too long or opens a second block element."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > 120:
            found.append((number, "too long"))
        if len(OPENED.findall(line)) > 1:
            found.append((number, "two elements"))
    return found


def test_every_template_keeps_to_its_lines():
    templates = sorted((ROOT / "templates").rglob("*.html"))
    assert len(templates) > 100
    broken = {
        f"{template.relative_to(ROOT)}:{number}": fault
        for template in templates
        for number, fault in faults(template.read_text())
    }
    assert broken == {}


def test_a_long_line_and_a_second_element_are_found():
    assert faults(f"<p>\n  {'a' * 119}\n</p>") == [(2, "too long")]
    assert faults("<p>\n  " + "a" * 118 + "\n</p>") == []
    assert faults("<ul><li{% if x %} class=y{% endif %}>") == [(1, "two elements")]
    assert faults("<p><b>one</b> <a>two</a></p>") == []


def crowded(style: str) -> list[int]:
    """Return each line of a style sheet that is too long or says two things."""
    bare = re.sub(
        r"/\*.*?\*/", lambda comment: "\n" * comment[0].count("\n"), style, flags=re.DOTALL
    )
    lines = zip(style.splitlines(), bare.splitlines(), strict=True)
    return [
        number
        for number, (line, rule) in enumerate(lines, 1)
        if len(line) > 120 or re.search(r"[;{}]\s*\S", rule)
    ]


def test_style_sheets_say_one_thing_a_line():
    sheets = sorted((ROOT / "static" / "klikon").glob("*.css"))
    assert len(sheets) >= 3
    assert {sheet.name: crowded(sheet.read_text()) for sheet in sheets} == {
        sheet.name: [] for sheet in sheets
    }


def test_a_crowded_rule_is_found():
    assert crowded("p { color: red }\n") == [1]
    assert crowded("p {\n  color: red; margin: 0;\n}\n") == [2]
    assert crowded("p {\n  color: red; /* as the sign is */\n}\n") == []

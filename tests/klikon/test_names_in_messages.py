"""Messages have names as people write them, with letters that HTML would escape."""

import pytest

from superfamilja.messages import templates
from superfamilja.messages.templates import MessageFile, every

NASTY = "D'An&<g>\"o"
# Every fact of every message that is a typed text, in place of its sample.
BEARING = [
    (file, language, name)
    for file in every().values()
    for language in templates.LANGUAGES
    for name in sorted(file.facts(language))
    if file.samples and name in ("member_name", "leader_name", "package", "shop")
]


def test_messages_bear_names() -> None:
    assert len(BEARING) >= 20


@pytest.mark.parametrize(
    ("file", "language", "name"), BEARING, ids=[f"{f.name}-{lang}-{n}" for f, lang, n in BEARING]
)
def test_a_name_is_not_escaped(file: MessageFile, language: str, name: str) -> None:
    every_role = [
        dict.fromkeys(("is_member", "is_leader", "is_payer", "is_former"), 0) | {role: 1}
        for role in ("is_member", "is_leader", "is_payer", "is_former")
    ]
    said = {
        file.render(language, {**sample, **role, name: NASTY})
        for sample in file.samples
        for role in every_role
    }
    assert any(NASTY in text for text in said)
    assert not any("&#x27;" in text or "&amp;" in text or "&lt;" in text for text in said)

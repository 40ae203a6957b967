"""The sample settings for the carrier's Asterisk: who is trusted, and what it passes to us."""

import re
from pathlib import Path

from django.conf import settings

ASTERISK = Path(settings.BASE_DIR) / "deploy" / "asterisk"


def sections(name: str) -> list[dict[str, str]]:
    """Return each section with its settings; a name may come several times."""
    text = re.sub(r";.*", "", (ASTERISK / name).read_text())
    return [
        dict(re.findall(r"^(\w+)\s*=\s*(\S+)$", body, re.MULTILINE))
        for body in re.split(r"^\[.+\]$", text, flags=re.MULTILINE)[1:]
    ]


def test_an_endpoint_that_is_believed_is_known_by_its_address_alone() -> None:
    endpoints = [one for one in sections("pjsip.conf") if one["type"] == "endpoint"]
    assert [one["identify_by"] for one in endpoints] == ["ip"]
    [named] = [one for one in sections("pjsip.conf") if one["type"] == "identify"]
    assert (named["endpoint"], named["match"]) == ("carrier", "192.0.2.0/28")


def test_nobody_registers_and_no_caller_transfers() -> None:
    assert [one["type"] for one in sections("pjsip.conf")] == [
        "transport",
        "endpoint",
        "aor",
        "identify",
    ]
    assert "max_contacts" not in sections("pjsip.conf")[2]
    assert sections("pjsip.conf")[1]["allow_transfer"] == "no"


def test_what_a_caller_may_have_written_is_handed_on_encoded() -> None:
    dialplan = (ASTERISK / "extensions.conf").read_text()
    steps = re.findall(r"(?:=> n,|=> \d+,1,)(.+)", dialplan)
    assert steps[1:3] == [
        "Set(ASSERTED=${PJSIP_HEADER(read,P-Asserted-Identity)})",
        "Set(ASSERTED=${URIENCODE(${ASSERTED})})",
    ]
    assert "AGI(${KLIKON},${KLIKON_SECRET},${ASSERTED},${CAN_CARE})" in steps
    assert re.findall(r"CALLERID|From\b", "\n".join(steps)) == []


def test_only_130_can_be_dialled() -> None:
    dialplan = (ASTERISK / "extensions.conf").read_text()
    assert re.findall(r"^exten => ([^,]+),", dialplan, re.MULTILINE) == ["130"]

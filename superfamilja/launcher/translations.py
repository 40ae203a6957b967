"""Compile the translations without GNU gettext, and find missing ones; runs inside `.venv`."""

import os
import shutil
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from superfamilja.launcher.processes import ROOT


def compile_all(root: Path = ROOT) -> None:
    """Write each django.mo whose django.po is newer, whole or not at all."""
    for po in (root / "locale").glob("*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime > po.stat().st_mtime:
            continue
        content = BytesIO()
        write_mo(content, _read(po))  # leaves fuzzy ones out
        draft = mo.with_name(f"{mo.name}.{os.getpid()}")
        draft.write_bytes(content.getvalue())
        draft.replace(mo)


def lacking(root: Path = ROOT) -> list[str]:
    """Return strings without an Albanian sentence, fuzzy ones, and those with wrong
    placeholders.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        _copy_sources(root, copy)
        done = subprocess.run(
            [sys.executable, "manage.py", "makemessages", "-l", "sq", "--no-obsolete"],
            cwd=copy,
            env={**os.environ, "KLIKON_MODE": "demonstration"},
            text=True,
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            return [done.stderr or done.stdout]
        catalog = _read(copy / "locale" / "sq" / "LC_MESSAGES" / "django.po")
        return [fault for message in catalog if message.id for fault in _faults(message, catalog)]


def _read(po: Path) -> Catalog:
    with po.open("rb") as file:
        return read_po(file)


def _copy_sources(root: Path, copy: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in listed.stdout.split("\0"):
        if name.startswith(("tests/", "docs/")) or not (root / name).is_file():
            continue
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, copy / name)


def _faults(message: Message, catalog: Catalog) -> list[str]:
    msgid = message.id if isinstance(message.id, str) else message.id[0]
    string = message.string or ""
    sentences = [string] if isinstance(string, str) else list(string)
    place = ", ".join(f"{file}:{line}" for file, line in message.locations[:2])
    where = f"{msgid!r} ({place})"
    if not all(sentences):
        return [f"no Albanian: {where}"]
    if message.fuzzy:
        return [f"fuzzy: {where}"]
    return [f"{fault}: {where}" for fault in message.check(catalog)]


def main() -> int:
    """Print what is missing; return 1 when something is."""
    faults = lacking()
    print("\n".join(faults) or "Every string of the code has its Albanian sentence.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

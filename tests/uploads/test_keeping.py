"""Pages on disk are private, complete or absent, never shown damaged, never left over."""

import os
import re
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from superfamilja.uploads import keeping
from superfamilja.uploads.pages import Page
from superfamilja.uploads.refusals import PageLost

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def page(number: int, jpeg: bytes = b"a page") -> Page:
    return Page(number, jpeg, 10, 10, sha256(jpeg).hexdigest())


def files(kept: Path) -> list[str]:
    return sorted(str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_file())


def aged(kept: Path, name: str, hour: int) -> None:
    moment = NOON.replace(hour=hour).timestamp()
    os.utime(kept / name, (moment, moment))


def test_what_was_kept_opens_again(kept: Path) -> None:
    names = keeping.keep([page(1, b"one"), page(2, b"two")])
    assert [keeping.open_page(name) for name in names] == [b"one", b"two"]
    assert files(kept) == sorted(names)


def test_a_name_lies_two_folders_deep_and_cannot_be_guessed() -> None:
    first, second = keeping.keep([page(1), page(2)])
    assert re.fullmatch(r"(..)/(..)/\1\2[0-9a-f]{28}-[0-9a-f]{64}\.jpg", first)
    assert first != second


def test_only_the_portals_own_account_reads_it(kept: Path) -> None:
    (name,) = keeping.keep([page(1)])
    assert (kept / name).stat().st_mode & 0o777 == 0o600
    assert {folder.stat().st_mode & 0o777 for folder in [kept, *(kept / name).parents[:2]]} == {
        0o700
    }


def test_a_disk_that_is_full_half_way_keeps_nothing(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = iter([None, None, None, None])  # the first page: file and three folders

    def fsync(_file: int) -> None:
        if next(synced, "full") == "full":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="No space left"):
        keeping.keep([page(1), page(2)])
    assert files(kept) == []


@pytest.mark.parametrize(
    "name", ["../../settings.py", "/etc/passwd", "", "ab/cd/../../x.jpg", "ab/cd/" + "0" * 101]
)
def test_a_name_that_is_not_ours_opens_and_removes_nothing(name: str) -> None:
    with pytest.raises(ValueError, match="no name of a kept page"):
        keeping.open_page(name)
    with pytest.raises(ValueError, match="no name of a kept page"):
        keeping.forget([name])


def test_a_damaged_page_is_not_shown(kept: Path, caplog: pytest.LogCaptureFixture) -> None:
    (name,) = keeping.keep([page(1)])
    (kept / name).write_bytes(b"another page")
    with pytest.raises(PageLost) as lost:
        keeping.open_page(name)
    assert lost.value.text("en") == (
        "This page of the scan is missing or damaged in the archive. Tell the administrators; "
        "if the signed paper is at hand, scan it again."
    )
    assert lost.value.text("sq") == (
        "Kjo faqe e skanimit mungon ose është dëmtuar në arkiv. Njoftoni administratorët; nëse e "
        "keni letrën e nënshkruar, skanojeni përsëri."
    )
    assert caplog.messages == [f"A kept page is not what was written: {name}"]


def test_a_page_that_is_gone_is_said_to_be(kept: Path) -> None:
    (name,) = keeping.keep([page(1)])
    (kept / name).unlink()
    with pytest.raises(PageLost):
        keeping.open_page(name)


def test_forgotten_is_gone_and_may_be_forgotten_again(kept: Path) -> None:
    names = keeping.keep([page(1), page(2)])
    keeping.forget(names)
    keeping.forget(names)
    assert files(kept) == []


def test_old_files_that_no_row_knows_are_orphans(kept: Path) -> None:
    known, unknown, young = keeping.keep([page(1), page(2), page(3)])
    aged(kept, known, 10)
    aged(kept, unknown, 10)
    aged(kept, young, 13)
    assert list(keeping.orphans(lambda asked: {known} & set(asked), NOON)) == [unknown]


def test_what_a_power_cut_left_half_written_is_an_orphan_and_can_be_forgotten(kept: Path) -> None:
    (name,) = keeping.keep([page(1)])
    (kept / name).rename(kept / f"{name}.part")
    aged(kept, f"{name}.part", 10)
    found = list(keeping.orphans(lambda asked: [], NOON))
    assert found == [f"{name}.part"]
    keeping.forget(found)
    assert files(kept) == []


def test_files_that_are_not_ours_are_let_be(kept: Path) -> None:
    (kept / "ab" / "cd").mkdir(parents=True)
    (kept / "ab" / "cd" / "README").write_text("kept by hand")
    aged(kept, "ab/cd/README", 10)
    assert list(keeping.orphans(lambda asked: [], NOON)) == []


def test_nothing_was_ever_kept() -> None:
    assert list(keeping.orphans(lambda asked: [], NOON)) == []

"""Files laid out for fixed billing, and answers that it puts into its folder (R22)."""

import hashlib
import json
from pathlib import Path

import pytest
from pytest_django import Settings

from billing.answers import inbox, taking
from billing.answers import rejected as ways_out
from billing.models import BillingAnswer, IssuedFile, ParkedEntry, Settlement
from billing.month import export, laying_out
from groups.models import Contract
from tests.billing.answering import LATER, accepted, issued, rejected, three_contracts, written
from tests.billing.closing import reviewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def outbox(tmp_path: Path, settings: Settings) -> Path:
    settings.OUTBOX_DIR = tmp_path / "out"
    return tmp_path / "out"


@pytest.fixture
def answers(tmp_path: Path, settings: Settings) -> Path:
    settings.ANSWERS_DIR = tmp_path / "in"
    settings.ANSWERS_DIR.mkdir()
    return tmp_path / "in"


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def laid_out() -> list[str]:
    return [file.name for file in laying_out.lay_out_all(LATER)]


class TestOutbox:
    def test_the_file_its_checksum_and_the_months_manifest(self, outbox: Path) -> None:
        three_contracts()
        file = issued()
        assert laid_out() == [file.name]
        there = bytes_of(outbox)
        names = [file.name, f"{file.name}.sha256", "klikon-2026-10.manifest.json"]
        assert sorted(there) == sorted(names)
        assert hashlib.sha256(there[file.name]).hexdigest() == file.sha256
        assert there[f"{file.name}.sha256"] == f"{file.sha256}  {file.name}\n".encode()
        assert json.loads(there["klikon-2026-10.manifest.json"]) == {
            "files": [
                {
                    "number": 0,
                    "name": file.name,
                    "sha256": file.sha256,
                    "entries": 3,
                    "activations": 4,
                    "amount_lek": 3400,
                    "vat_lek": "566.67",
                }
            ]
        }

    def test_laid_out_twice_the_bytes_are_the_same(self, outbox: Path) -> None:
        three_contracts()
        laid_out()
        first = bytes_of(outbox)
        laying_out.lay_out(issued(), outbox)
        assert bytes_of(outbox) == first

    def test_what_was_fetched_does_not_come_back(self, outbox: Path) -> None:
        three_contracts()
        laid_out()
        for path in outbox.iterdir():
            path.unlink()
        assert laid_out() == []
        assert bytes_of(outbox) == {}

    def test_a_supplement_joins_the_manifest(self, outbox: Path) -> None:
        two = three_contracts()[1]
        laid_out()
        take = written([rejected(two, 800)])
        (outbox.parent / "in").mkdir()
        (outbox.parent / "in" / "a.csv").write_bytes(take)
        from billing.answers.taking import take_answer  # noqa: PLC0415

        take_answer(content=take, name="a.csv", at=LATER)
        ways_out.send_again(
            parked=ParkedEntry.objects.get(), at=LATER, actor=reviewer(), reason="mended there"
        )
        supplement = issued()
        assert laid_out() == [supplement.name]
        said = json.loads((outbox / "klikon-2026-10.manifest.json").read_bytes())
        assert [row["number"] for row in said["files"]] == [0, 1]

    def test_the_manifest_names_no_file_that_never_came(
        self, tmp_path: Path, settings: Settings
    ) -> None:
        two = three_contracts()[1]
        issued()
        settings.OUTBOX_DIR = tmp_path / "out"
        taking.take_answer(content=written([rejected(two, 800)]), name="a.csv", at=LATER)
        ways_out.send_again(
            parked=ParkedEntry.objects.get(), at=LATER, actor=reviewer(), reason="mended there"
        )
        supplement = issued()
        assert laid_out() == [supplement.name]
        said = json.loads((settings.OUTBOX_DIR / "klikon-2026-10.manifest.json").read_bytes())
        assert [row["number"] for row in said["files"]] == [1]

    def test_files_of_before_the_folder_stay_where_they_are(
        self, tmp_path: Path, settings: Settings
    ) -> None:
        three_contracts()
        settings.OUTBOX_DIR = tmp_path / "out"
        assert laid_out() == []

    def test_killed_on_the_way_it_comes_again_whole(
        self, outbox: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        three_contracts()
        file = issued()

        def dies(_issued: IssuedFile) -> bytes:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(export, "checksum_of", dies)
            with pytest.raises(KeyboardInterrupt):
                laid_out()
        assert not (outbox / "klikon-2026-10.manifest.json").exists()
        assert laid_out() == [file.name]
        assert hashlib.sha256((outbox / file.name).read_bytes()).hexdigest() == file.sha256

    def test_a_file_that_is_being_written_is_not_seen(
        self, outbox: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        three_contracts()
        seen: list[list[str]] = []

        def looked_at_meanwhile(_file: IssuedFile) -> object:
            yield b"half"
            seen.append(sorted(path.name for path in outbox.glob("*.csv")))
            yield b"whole"

        monkeypatch.setattr(export, "content_of", looked_at_meanwhile)
        laid_out()
        assert seen == [[]]


class TestAnswersFolder:
    @pytest.fixture
    def families(self) -> list[Contract]:
        return three_contracts()

    def test_each_is_taken_and_put_aside(self, answers: Path, families: list[Contract]) -> None:
        one, two, three = families
        lines = [accepted(one, 1300), accepted(two, 800), accepted(three, 1300)]
        (answers / "october.csv").write_bytes(written(lines))
        (answers / "broken.TXT").write_bytes(b"nonsense")
        assert len(inbox.take_what_came(LATER)) == 2
        digest = BillingAnswer.objects.get(state="taken").sha256[:12]
        assert [p.name for p in (answers / "taken").iterdir()] == [f"{digest}-october.csv"]
        assert len(list((answers / "kept").iterdir())) == 1
        assert Settlement.objects.count() == 1
        assert inbox.take_what_came(LATER) == []

    def test_the_same_bytes_under_another_name_count_once(
        self, answers: Path, families: list[Contract]
    ) -> None:
        content = written([rejected(families[0], 1300)])
        for name in ("a.csv", "b.csv"):
            (answers / name).write_bytes(content)
        assert [took.is_new for took in inbox.take_what_came(LATER)] == [True, False]
        assert ParkedEntry.objects.count() == 1

    def test_what_is_still_being_written_or_is_no_answer_is_left_alone(
        self, answers: Path, families: list[Contract]
    ) -> None:
        content = written([accepted(families[0], 1300)])
        for name in ("a.csv.part", ".a.csv", "a.zip"):
            (answers / name).write_bytes(content)
        (answers / "link.csv").symlink_to(answers / "a.zip")
        (answers / "empty.csv").touch()
        assert inbox.take_what_came(LATER) == []
        assert len(list(answers.iterdir())) == 5

    def test_one_that_cannot_be_read_stops_no_other(
        self, answers: Path, families: list[Contract], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (answers / "a.csv").write_bytes(b"first")
        (answers / "b.csv").write_bytes(written([accepted(families[0], 1300)]))
        read = Path.read_bytes

        def refused(path: Path) -> bytes:
            if path.name == "a.csv":
                raise PermissionError
            return read(path)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "read_bytes", refused)
            assert len(inbox.take_what_came(LATER)) == 1
        assert (answers / "a.csv").exists()

    def test_without_a_folder_nothing_is_looked_for(self, settings: Settings) -> None:
        settings.ANSWERS_DIR = None
        assert inbox.take_what_came(LATER) == []

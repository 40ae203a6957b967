"""The subscriber file by web or folder: looked at first, agreed to, loaded once. Literals only."""

import os
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from groups.base_import import import_base, merge
from groups.incoming import carrying, deciding, inbox, keeping
from groups.incoming.models import FileState, IncomingFile, RowKind
from groups.incoming.refusals import (
    AgreedByYourself,
    FileMoved,
    HereAlready,
    LoadedBefore,
    RowsNotSaid,
)
from groups.models import BaseImport, Contract, Membership
from superfamilja.audit.models import Act
from superfamilja.data.csv_files import FileRefused
from tests.factories import assign, at
from tests.groups.incoming.conftest import (
    BESNIK,
    ELIRA,
    MIRA,
    NOW,
    A,
    B,
    approver,
    body,
    loaded,
    looked,
    reviewer,
    sent,
)

pytestmark = pytest.mark.django_db
LATER = at("2026-11-21 10:00")


def shown(file: IncomingFile, kind: RowKind) -> list[tuple[int, str, str]]:
    """Line, contract and value of the rows that a preview shows."""
    rows = file.previewed_rows.filter(kind=kind).order_by("line", "contract_number")
    return list(rows.values_list("line", "contract_number", "value"))


def counted(file: IncomingFile) -> dict[str, int]:
    """What is not zero, of the counts that lead to rows."""
    return {k: file.figures[k] for k in RowKind.values if file.figures.get(k)}


def words(file: IncomingFile) -> str:
    file.refresh_from_db()
    assert file.refusal
    return str(file.refusal["en"])


def test_a_preview_says_what_is_new_and_changes_nothing() -> None:
    file = looked(body(A + "," + ELIRA, A + "," + BESNIK))
    assert (file.state, counted(file)) == ("previewed", {"new": 1, "joined": 2})
    assert shown(file, RowKind.NEW) == [(2, "A1", "Drita Dardha")]
    assert shown(file, RowKind.JOINED) == [
        (2, "A1", "+355671000001"),
        (3, "A1", "+355671000002"),
    ]
    assert (Contract.objects.count(), BaseImport.objects.count()) == (0, 0)


def test_what_was_confirmed_is_loaded_in_the_name_of_who_confirmed() -> None:
    file = loaded(body(A + "," + ELIRA))
    assert (file.state, file.ended_at, file.confirmed_by) == ("loaded", NOW, reviewer())
    assert Membership.objects.get().msisdn == "+355671000001"
    act = Act.objects.get(verb="import_base")
    assert (act.actor, act.reason) == (reviewer(), "file of the day")
    assert file.base_import == BaseImport.objects.get()


def test_a_preview_tells_changed_left_closed_and_rejected_with_their_rows() -> None:
    loaded(body(A + "," + ELIRA, A + "," + BESNIK, B + "," + MIRA))
    closes = B.replace("2024-01-10,", "2024-01-10,2026-11-01")
    bad = A.replace("A1", "C1").replace("042000001", "042000009").replace("active", "alive")
    file = looked(
        body(
            A.replace("active", "suspended") + "," + ELIRA,
            A.replace("active", "suspended") + "," + BESNIK + "2026-11-02",
            closes + "," + MIRA,
            bad + ",0671000009,Lir,standard_prepaid,2024-01-10,",
        ),
        when=LATER,
    )
    assert counted(file) == {"changed": 1, "left": 2, "closed": 1, "rejected": 1, "suspicious": 1}
    assert shown(file, RowKind.CHANGED) == [(2, "A1", "contract_status: active → suspended")]
    assert shown(file, RowKind.LEFT) == [(3, "A1", "+355671000002"), (4, "B1", "+355671000003")]
    assert shown(file, RowKind.CLOSED) == [(4, "B1", "01.11.2026")]
    assert shown(file, RowKind.REJECTED) == [(5, "C1", "contract_status\talive")]


def test_the_same_file_twice_says_who_loaded_it_and_when_and_changes_nothing() -> None:
    loaded(body(A + "," + ELIRA))
    with pytest.raises(LoadedBefore) as refused:
        sent(body(A + "," + ELIRA), when=LATER)
    assert refused.value.text("en") == (
        "Shpresa Shqyrtuesi loaded this same file on 20.11.2026 10:00. Nothing was changed now."
    )
    assert IncomingFile.objects.count() == 1


def test_the_same_file_on_its_way_is_not_taken_twice() -> None:
    looked(body(A + "," + ELIRA))
    with pytest.raises(HereAlready):
        sent(body(A + "," + ELIRA), when=LATER)


def test_what_a_command_loaded_is_the_same_file_too(tmp_path: Path) -> None:
    path = tmp_path / "crm.csv"
    path.write_text(body(A + "," + ELIRA), encoding="utf-8")
    import_base(path, at=NOW)
    with pytest.raises(LoadedBefore, match="file_loaded_before"):
        sent(body(A + "," + ELIRA), when=LATER)


def test_the_database_holds_a_file_once_whatever_the_code_does() -> None:
    file = looked(body(A + "," + ELIRA))
    file.pk = None
    with pytest.raises(IntegrityError, match="incoming_each_file_once"), transaction.atomic():
        file.save()


def test_a_file_that_does_not_say_its_rows_is_not_taken() -> None:
    with pytest.raises(RowsNotSaid):
        sent(body(A + "," + ELIRA).replace("#rows=1\n", ""))


@pytest.mark.parametrize("trailer", ["#rows=3", '"#rows=3"', "#rows=3,,,,,,,,,,,,,,,", "#rows: 3"])
def test_a_truncated_file_is_refused_with_the_two_numbers(trailer: str) -> None:
    text = body(A + "," + ELIRA, A + "," + BESNIK).replace("#rows=2", trailer)
    file = looked(text)
    assert file.state == "refused"
    assert words(file) == (
        "The file should have 3 rows and has 2: it is not whole. Fetch it from the CRM again; "
        "nothing was loaded."
    )


def test_a_count_given_beside_the_file_counts_as_its_trailer_does(tmp_path: Path) -> None:
    path = tmp_path / "crm.csv"
    path.write_text(body(A + "," + ELIRA).replace("#rows=1\n", ""), encoding="utf-8")
    with pytest.raises(FileRefused, match="should have 2 rows and has 1"):
        import_base(path, at=NOW, rows=2)
    assert BaseImport.objects.get().step == "given_up"
    assert import_base(path, at=NOW, rows=1).figures["contracts_new"] == 1


MISREAD = {
    "PÃ«rparim": "Windows-1252",
    "PĂ«rparim": "Windows-1250",
    "P├½rparim": "DOS",
    "P√´rparim": "Mac Roman",
    "Ã‡elik": "Windows-1252",
}


@pytest.mark.parametrize(("name", "encoding"), MISREAD.items())
def test_a_misread_name_is_a_reject_that_names_the_encoding(name: str, encoding: str) -> None:
    file = looked(body(A.replace("Drita", name) + "," + ELIRA, B + "," + BESNIK, B + "," + MIRA))
    row = file.previewed_rows.get(kind=RowKind.REJECTED, code="misread")
    assert (row.line, row.other, file.figures["new"]) == (2, encoding, 1)


def test_a_name_that_lost_its_letters_is_a_reject() -> None:
    lost = BESNIK.replace("Besnik", "P?rparim")
    file = looked(body(A + "," + lost, B + "," + ELIRA, B + "," + MIRA))
    assert file.previewed_rows.get(kind=RowKind.REJECTED).code == "lost_letter"


def test_rightly_read_names_are_no_rejects() -> None:
    names = ["Përparim Çela", "Ândrea Ãlves", "O’Brien Ndoja", "Ça’ni Älmi"]
    rows = [
        A + "," + ELIRA.replace("Elira", name).replace("01,", f"0{n},", 1)
        for n, name in enumerate(names, 1)
    ]
    assert looked(body(*rows)).figures["rows_rejected"] == 0


def test_a_file_of_misread_names_is_refused_whole() -> None:
    bad = [row.replace("Drita", "PÃ«rparim") for row in (A + "," + ELIRA, A + "," + BESNIK)]
    file = looked(body(*bad, B + "," + MIRA))
    assert file.state == "refused"
    assert words(file) == (
        "In 2 of 3 rows the names were read as Windows-1252, while the file is UTF-8. Export it "
        "from the CRM again as “CSV UTF-8”; nothing was loaded."
    )


def test_rejects_mended_and_loaded_again_come_in() -> None:
    bad = A.replace("042000001", "").replace("A1", "A1") + "," + ELIRA.replace("067", "+35567")
    file = loaded(body(bad, B + "," + BESNIK))
    mend = keeping.mendable_of(file)
    assert mend
    text = mend.read_text(encoding="utf-8")
    assert text.splitlines()[0].endswith("member_left_on,arsyeja,reason")
    assert "fixed_number is missing. Fill it in." in text
    assert ",'+355671000001," in text  # a spreadsheet runs nothing of it
    file = loaded(text.replace("A1,,active", "A1,042000001,active") + "#rows=1\n", when=LATER)
    assert file.figures["contracts_new"] == 1
    assert Membership.objects.get(group__contract__number="A1").msisdn == "+355671000001"
    assert keeping.mendable_of(file) is None


def test_a_row_with_too_many_cells_comes_back_in_the_columns_of_the_file() -> None:
    file = looked(body(A + "," + ELIRA + ",too,many", B + "," + BESNIK))
    mend = keeping.mendable_of(file)
    assert mend
    header, row = mend.read_text(encoding="utf-8").splitlines()
    assert header.count(",") == 17
    assert row.startswith("A1,042000001,active")
    assert row.count("⟨A1,042000001") == 2


def test_a_suspicious_file_waits_for_a_second_person() -> None:
    loaded(body(A + "," + ELIRA, A + "," + BESNIK))
    file = looked(body(A + "," + ELIRA + "2026-11-02"), when=LATER)
    assert file.needs_second
    assert list(
        file.previewed_rows.filter(kind=RowKind.SUSPICIOUS).values_list("code", "value", "other")
    ) == [("many_leave", "1", "2")]
    said = {"seen": file.previewed_at, "at": LATER, "reason": "seen"}
    file = deciding.confirm_file(file=file, actor=reviewer(), **said)
    assert (file.state, carrying.carry_out_next(LATER)) == ("confirmed", None)
    with pytest.raises(AgreedByYourself):
        deciding.agree_to_file(file=file, actor=reviewer(), **said)
    deciding.agree_to_file(file=file, actor=approver(), **said)
    carrying.carry_out_next(LATER)
    file.refresh_from_db()
    assert (file.state, Membership.objects.current().count()) == ("loaded", 1)


def test_the_database_wants_two_persons_too() -> None:
    loaded(body(A + "," + ELIRA))
    file = looked(body(A + "," + ELIRA + "2026-11-02"), when=LATER)
    here = IncomingFile.objects.filter(pk=file.pk)
    moments = {"confirmed_at": LATER, "confirmed_by": reviewer()}
    with pytest.raises(IntegrityError, match="incoming_second_person"), transaction.atomic():
        here.update(state=FileState.READY, **moments)
    with pytest.raises(IntegrityError, match="incoming_agreed_by_another"), transaction.atomic():
        here.update(state="ready", agreed_by=reviewer(), agreed_at=LATER, **moments)


def test_a_contact_of_more_owners_than_allowed_is_suspicious() -> None:
    rows = [
        f"M{n},04200001{n},active,J1000000{n}A,Owner {n},0690000001,,Rruga 1,,2024-01-10,,"
        f"067100001{n},Lir,standard_prepaid,2024-01-10,"
        for n in (1, 2, 3)
    ]
    assert looked(body(*rows[:2])).figures["suspicious"] == 0
    file = looked(body(*rows))
    found = file.previewed_rows.filter(kind=RowKind.SUSPICIOUS, code="contact_of_many")
    assert [(r.contract_number, r.value, r.other) for r in found.order_by("line")] == [
        ("M1", "+355690000001", "3"),
        ("M2", "+355690000001", "3"),
        ("M3", "+355690000001", "3"),
    ]


def test_a_leaders_number_that_goes_to_another_contract_is_suspicious() -> None:
    loaded(body(A + "," + ELIRA, B + "," + MIRA))
    assign(Membership.objects.get(msisdn="+355671000001"))
    text = body(A + "," + ELIRA + "2026-11-02", B + "," + ELIRA.replace("2024-01", "2026-11"))
    file = looked(text, when=LATER)
    found = file.previewed_rows.get(kind=RowKind.SUSPICIOUS, code="leader_elsewhere")
    assert (found.line, found.contract_number, found.value, found.other) == (
        3,
        "B1",
        "+355671000001",
        "A1",
    )


def test_more_contracts_than_the_threshold_need_a_second_person() -> None:
    settings.INCOMING_SECOND_PERSON_CONTRACTS = 1
    assert not looked(body(A + "," + ELIRA)).needs_second
    assert looked(body(A + "," + BESNIK, B + "," + MIRA)).needs_second


def test_a_base_that_changed_since_the_preview_is_looked_at_anew() -> None:
    file = looked(body(A + "," + ELIRA))
    import_line = body(A + "," + ELIRA, B + "," + BESNIK)
    path = keeping.path_of(file).with_name("other.csv")
    path.write_text(import_line, encoding="utf-8")
    import_base(path, at=NOW)
    deciding.confirm_file(
        file=file, seen=file.previewed_at, at=LATER, actor=reviewer(), reason="file of the day"
    )
    carrying.carry_out_next(LATER)
    file.refresh_from_db()
    assert (file.state, file.confirmed_by) == ("received", None)
    assert words(file).startswith("The base has changed since the preview")
    carrying.carry_out_next(LATER)
    file.refresh_from_db()
    assert (file.state, file.figures["contracts_new"]) == ("previewed", 0)


def test_a_confirmation_of_an_older_preview_is_refused() -> None:
    file = looked(body(A + "," + ELIRA))
    with pytest.raises(FileMoved):
        deciding.confirm_file(file=file, seen=LATER, at=LATER, actor=reviewer(), reason="x")


def test_a_file_put_aside_may_come_in_again() -> None:
    file = looked(body(A + "," + ELIRA))
    deciding.discard_file(file=file, at=LATER, actor=reviewer(), reason="the wrong day")
    assert looked(body(A + "," + ELIRA)).state == "previewed"


def test_the_watched_folder_takes_each_whole_file_once() -> None:
    folder = settings.INBOX_DIR
    (folder / "crm.csv").write_text(body(A + "," + ELIRA), encoding="utf-8")
    (folder / "crm2.csv.part").write_text("half", encoding="utf-8")
    (file,) = inbox.take_inbox(NOW)
    assert (file.state, file.name, file.received_by) == ("received", "crm.csv", None)
    assert sorted(path.name for path in folder.iterdir()) == [".taken", "crm2.csv.part"]
    assert inbox.take_inbox(NOW) == []
    (folder / "again.csv").write_text(body(A + "," + ELIRA), encoding="utf-8")
    (again,) = inbox.take_inbox(LATER)
    assert again.state == "refused"
    assert words(again).startswith("This same file is here already: The watched folder sent it")


def test_what_a_killed_worker_had_taken_from_the_folder_is_taken_by_the_next() -> None:
    (settings.INBOX_DIR / ".taken").mkdir()
    (settings.INBOX_DIR / ".taken" / "abc crm.csv").write_text(body(A + "," + ELIRA))
    (file,) = inbox.take_inbox(NOW)
    assert (file.state, file.name) == ("received", "crm.csv")


def test_no_link_in_the_watched_folder_is_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "epoch.csv").write_text(body(A + "," + ELIRA))
    (settings.INBOX_DIR / "crm.csv").symlink_to(secret / "epoch.csv")
    assert inbox.take_inbox(NOW) == []
    (settings.INBOX_DIR / ".taken" / "x.csv").unlink(missing_ok=True)
    shutil.rmtree(settings.INBOX_DIR / ".taken")
    (settings.INBOX_DIR / ".taken").symlink_to(secret)
    assert inbox.take_inbox(NOW) == []
    assert [path.name for path in secret.iterdir()] == ["epoch.csv"]
    assert not IncomingFile.objects.exists()


def test_one_that_cannot_be_taken_stops_no_other() -> None:
    os.mkfifo(settings.INBOX_DIR / "a.csv")
    (settings.INBOX_DIR / "b.csv").write_text(body(A + "," + ELIRA))
    assert [file.name for file in inbox.take_inbox(NOW)] == ["b.csv"]


def test_what_would_do_the_same_number_of_other_things_is_looked_at_anew() -> None:
    loaded(body(A + "," + ELIRA, B + "," + MIRA))
    file = looked(body(A.replace("Rruga e Provës 1", "Rruga tjetër") + "," + ELIRA, B + "," + MIRA))
    assert file.figures["contracts_changed"] == 1
    Contract.objects.filter(number="A1").update(service_address="Rruga tjetër")
    Contract.objects.filter(number="B1").update(service_address="Rruga e tretë")
    deciding.confirm_file(
        file=file, seen=file.previewed_at, at=LATER, actor=reviewer(), reason="file of the day"
    )
    carrying.carry_out_next(LATER)
    file.refresh_from_db()
    assert file.state == "received"
    assert Contract.objects.get(number="B1").service_address == "Rruga e tretë"


def test_what_became_suspicious_after_the_yes_needs_a_second_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "INCOMING_LEAVING_PERCENT", 100)
    loaded(body(A + "," + ELIRA, B + "," + MIRA))
    ends, joins = ELIRA + "2026-11-02", ELIRA.replace("2024-01", "2026-11")
    file = looked(body(A + "," + ends, B + "," + joins))
    assert not file.needs_second
    assign(Membership.objects.get(msisdn="+355671000001"))
    deciding.confirm_file(
        file=file, seen=file.previewed_at, at=LATER, actor=reviewer(), reason="file of the day"
    )
    carrying.carry_out_next(LATER)
    carrying.carry_out_next(LATER)
    file.refresh_from_db()
    assert (file.state, file.needs_second) == ("previewed", True)


def test_a_status_that_the_crm_told_since_the_plan_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded(body(A + "," + ELIRA))
    update = merge._update_contracts

    def told_meanwhile(live: str) -> int:
        Contract.objects.filter(number="A1").update(status="suspended")
        return update(live)

    monkeypatch.setattr(merge, "_update_contracts", told_meanwhile)
    loaded(body(A.replace("Rruga e Provës 1", "Rruga tjetër") + "," + ELIRA), when=LATER)
    contract = Contract.objects.get(number="A1")
    assert (contract.status, contract.service_address) == ("suspended", "Rruga tjetër")


def test_no_preview_shows_a_personal_number() -> None:
    loaded(body(A + "," + ELIRA, B + "," + MIRA))
    other = A.replace("J10000001A", "J10000009C")
    file = looked(body(other + "," + ELIRA, B.replace("J10000002B", "J1x") + "," + MIRA))
    assert shown(file, RowKind.CHANGED) == [(2, "A1", "owner_nid")]
    values = " ".join(file.previewed_rows.values_list("value", flat=True))
    assert file.figures["rejected"] >= 1
    assert ("J1x" in values, "J10000009C" in values) == (False, False)


def test_a_file_that_is_gone_from_the_disk_says_so() -> None:
    file = sent(body(A + "," + ELIRA))
    keeping.path_of(file).write_text("something else")
    carrying.carry_out_next(NOW)
    assert words(file) == "The file is no longer on the disk, or is damaged. Send it in again."


def test_a_file_whose_days_are_over_leaves_the_disk_and_stays_in_the_register() -> None:
    file = loaded(body(A.replace("active", "x") + "," + ELIRA, B + "," + BESNIK))
    assert keeping.forget_old(at("2027-02-18 10:00")) == 0
    assert keeping.forget_old(at("2027-02-19 10:00")) == 1
    assert (keeping.path_of(file).exists(), keeping.mendable_of(file)) == (False, None)
    assert (file.previewed_rows.count(), IncomingFile.objects.get().state) == (0, "loaded")


def test_a_contract_number_of_any_length_is_a_reject_and_no_failure() -> None:
    file = looked(body(A.replace("A1", "A" * 500) + "," + ELIRA, B + "," + BESNIK))
    assert (file.state, file.figures["new"], file.figures["rejected"]) == ("previewed", 1, 1)

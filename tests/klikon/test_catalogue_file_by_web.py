"""Catalogue and promotions by the page or the folder: the same preview, agreement and history."""

from pathlib import Path

import pytest
from pytest_django import Settings

from groups.incoming import carrying, deciding, keeping, receiving
from groups.incoming.models import FileKind, IncomingFile, RowKind
from klikon.catalogue import import_file, promotions
from klikon.models import Package, Promotion
from superfamilja.accounts.roles import BILLING_APPROVER, BILLING_REVIEWER
from tests.factories import PackageFactory, at
from tests.signing_in import staff_member

pytestmark = pytest.mark.django_db
NOW = at("2026-11-20 10:00")
HEAD = ",".join(import_file.COLUMNS)
NEW = "S900,super,Super 900,900,28,Përmbajtje,Content,2027-01-01,,U900"
BAD = "S950,super,Super 950,nine,28,Përmbajtje,Content,2027-01-01,,U950"


@pytest.fixture(autouse=True)
def _places(settings: Settings, tmp_path: Path) -> None:
    settings.INCOMING_DIR = tmp_path


def looked(
    *rows: str, kind: FileKind = FileKind.CATALOGUE, said: int | None = None
) -> IncomingFile:
    head = HEAD if kind == FileKind.CATALOGUE else ",".join(promotions.COLUMNS)
    text = "\n".join([head, *rows, f"#rows={len(rows) if said is None else said}", ""])
    kept = keeping.keep([text.encode()])
    file = receiving.receive_file(kept=kept, name="prices.csv", kind=kind, at=NOW)
    carrying.carry_out_next(NOW)
    file.refresh_from_db()
    return file


def agreed(file: IncomingFile) -> IncomingFile:
    said = {"seen": file.previewed_at, "at": NOW, "reason": "January"}
    deciding.confirm_file(file=file, actor=staff_member(BILLING_REVIEWER), **said)
    if file.needs_second:
        deciding.agree_to_file(file=file, actor=staff_member(BILLING_APPROVER), **said)
    carrying.carry_out_next(NOW)
    file.refresh_from_db()
    return file


def shown(file: IncomingFile, kind: RowKind) -> list[tuple[int, str, str]]:
    rows = file.previewed_rows.filter(kind=kind).order_by("pk")
    return list(rows.values_list("line", "value", "other"))


def test_a_price_list_is_looked_at_with_its_future_and_needs_two_persons() -> None:
    PackageFactory(code="S700", name="Super 700", on_sale_from=at("2026-12-15 00:00").date())
    file = looked(NEW, BAD)
    assert (file.state, file.needs_second, Package.objects.filter(code="S900").count()) == (
        "previewed",
        True,
        0,
    )
    assert [file.figures[k] for k in ("added", "altered", "rejected", "rows")] == [1, 0, 1, 2]
    assert shown(file, RowKind.COMING) == [
        (0, "S700 · Super 700", "700 Lekë · 15.12.2026 – "),
        (2, "S900 · Super 900", "900 Lekë · 01.01.2027 – "),
    ]
    assert agreed(file).state == "loaded"
    assert Package.objects.get(code="S900").list_price_lek == 900


def test_rejects_of_a_price_list_are_mended_and_loaded() -> None:
    file = looked(BAD)
    mend = keeping.mendable_of(file)
    assert mend
    head, row = mend.read_text(encoding="utf-8").splitlines()
    assert head == f"{HEAD},arsyeja,reason"
    assert row.startswith(BAD)
    text = f"{head}\n{row.replace('nine', '950')}\n#rows=1\n"
    kept = keeping.keep([text.encode()])
    receiving.receive_file(kept=kept, name="mend.csv", kind=FileKind.CATALOGUE, at=NOW)
    carrying.carry_out_next(NOW)
    agreed(IncomingFile.objects.latest("pk"))
    assert Package.objects.get(code="S950").list_price_lek == 950


def test_a_truncated_price_list_is_refused_with_the_two_numbers() -> None:
    file = looked(NEW, said=2)
    assert file.state == "refused"
    assert file.refusal
    assert "should have 2 rows and has 1" in file.refusal["en"]


def test_promotions_come_in_the_same_way() -> None:
    PackageFactory(code="S700")
    file = looked("0671000001,S700,percent,30,2026-11-01,2026-12-31", kind=FileKind.PROMOTIONS)
    assert (file.needs_second, file.figures["added"], Promotion.objects.count()) == (False, 1, 0)
    assert agreed(file).state == "loaded"
    assert Promotion.objects.get().value == 30


def test_a_price_list_that_would_do_something_else_by_now_is_looked_at_anew() -> None:
    file = looked(NEW)
    PackageFactory(
        code="S900",
        name="Super 900",
        list_price_lek=900,
        on_sale_from=at("2027-01-01 00:00").date(),
        benefits_sq="Përmbajtje",
        benefits_en="Content",
        sms_code="U900",
    )
    assert agreed(file).state == "received"

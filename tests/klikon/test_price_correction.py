"""A wrong price may be replaced until somebody bought at it; then it stays (R5)."""

from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from klikon.activation.activate import activate
from klikon.catalogue.import_file import ImportChoices, import_catalogue
from klikon.catalogue.price_correction import (
    PriceFarOff,
    PriceIsTheSame,
    PriceWasBought,
    correct_price,
)
from klikon.models import Activation, Channel, Package
from superfamilja.accounts.roles import BILLING_REVIEWER, CARE_AGENT
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from superfamilja.data.csv_files import ImportOutcome
from tests.factories import PackageFactory, at, family_with_leader
from tests.klikon.test_catalogue import HEADER, problems
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")


def wrongly_priced() -> Package:
    """Make Super 1000 at 900 until today and, by a slip, at 1 Lek from today."""
    PackageFactory(code="S1000", list_price_lek=900, on_sale_from=date(2020, 1, 1))
    return PackageFactory(
        code="S1000", name="Super 1000", list_price_lek=1, on_sale_from=date(2026, 11, 5)
    )


def price(package: Package) -> int:
    package.refresh_from_db()
    return package.list_price_lek


def bought_package() -> Package:
    """Make Super 700 and buy it once."""
    _group, leading = family_with_leader()
    number = leading.member.msisdn
    activate(
        leader=number,
        member=number,
        package="S700",
        at=NOW,
        channel=Channel.IVR,
        client="t",
        key="1",
    )
    return Package.objects.get(code="S700")


def test_a_wrong_price_is_put_right_on_its_own_day_and_both_prices_are_recorded() -> None:
    package = wrongly_priced()
    correct_price(package=package, list_price_lek=1000, at=NOW, actor=None, reason="a slip")
    assert price(package) == 1000
    act = Act.objects.get(verb="correct_price")
    assert (act.reason, act.details["was_lek"], act.details["now_lek"]) == ("a slip", 1, 1000)


def test_a_reason_is_demanded_of_the_system_too() -> None:
    with pytest.raises(ReasonMissing):
        correct_price(package=wrongly_priced(), list_price_lek=1000, at=NOW, actor=None, reason=" ")


def test_a_price_that_was_bought_at_stays() -> None:
    package = bought_package()
    with pytest.raises(PriceWasBought):
        correct_price(package=package, list_price_lek=800, at=NOW, actor=None, reason="a slip")
    assert price(package) == 700


def test_the_database_keeps_a_price_that_was_bought_at() -> None:
    package = bought_package()
    with pytest.raises(IntegrityError, match="was bought at never changes"), transaction.atomic():
        Package.objects.filter(pk=package.pk).update(list_price_lek=800)


def test_the_database_takes_no_activation_at_a_price_that_was_replaced() -> None:
    done = Activation.objects.get(package=bought_package())
    done.pk, done.key, done.reference = None, "2", "KN-OTHER"
    done.list_price_lek, done.charged_lek = 600, 400
    with pytest.raises(IntegrityError, match="its price was replaced"), transaction.atomic():
        done.save(force_insert=True)


def test_a_price_far_from_the_one_before_is_asked_about_and_the_wrong_one_is_no_measure() -> None:
    package = wrongly_priced()
    with pytest.raises(PriceFarOff):
        correct_price(package=package, list_price_lek=1351, at=NOW, actor=None, reason="a slip")
    correct_price(
        package=package, list_price_lek=1351, at=NOW, actor=None, reason="so", is_confirmed=True
    )
    assert price(package) == 1351


def test_the_same_price_is_no_correction() -> None:
    with pytest.raises(PriceIsTheSame):
        correct_price(
            package=wrongly_priced(), list_price_lek=1, at=NOW, actor=None, reason="a slip"
        )


def load(folder: Path, *rows: str, asked: ImportChoices | None = None) -> ImportOutcome:
    path = folder / "catalogue.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return import_catalogue(path, at=NOW, asked=asked or ImportChoices())


RIGHT = "S1000,super,Super 1000,{},28,Përmbajtje për demonstrim,Demonstration content,{},,"


def test_the_file_replaces_a_wrong_price_only_when_told_to(tmp_path: Path) -> None:
    package, row = wrongly_priced(), RIGHT.format("1.000", "2026-11-05")
    assert problems(load(tmp_path, row)) == [("2", "list_price_lek")]
    outcome = load(tmp_path, row, asked=ImportChoices(replacing_because="a slip"))
    assert (outcome.figures["changed"], outcome.rejects, price(package)) == (1, None, 1000)


def test_the_file_names_a_price_that_was_bought_at_and_the_other_rows_land(tmp_path: Path) -> None:
    bought_package()
    outcome = load(
        tmp_path,
        "S700,super,Super 700,750,28,Përmbajtje për demonstrim,Demonstration content,2020-01-01,,",
        "S800,super,Super 800,800,28,x,x,2026-12-01,,",
        asked=ImportChoices(replacing_because="a slip"),
    )
    assert problems(outcome) == [("2", "list_price_lek")]
    assert (outcome.figures["new"], Package.objects.filter(code="S800").count()) == (1, 1)


@pytest.mark.parametrize(("new", "is_taken"), [("1.350", True), ("1351", False), ("449", False)])
def test_the_file_is_asked_about_a_price_far_from_the_one_before(
    tmp_path: Path, new: str, *, is_taken: bool
) -> None:
    PackageFactory(code="S1000", list_price_lek=900)
    outcome = load(tmp_path, RIGHT.format(new, "2026-12-01"))
    assert outcome.figures["new"] == int(is_taken)


def test_a_price_that_was_confirmed_is_taken(tmp_path: Path) -> None:
    PackageFactory(code="S1000", list_price_lek=900)
    asked = ImportChoices(confirmed=[("S1000", 2000)])
    assert load(tmp_path, RIGHT.format("2000", "2026-12-01"), asked=asked).figures["new"] == 1


def test_the_command_confirms_and_replaces(tmp_path: Path) -> None:
    package, path = wrongly_priced(), tmp_path / "catalogue.csv"
    path.write_text(f"{HEADER}\n{RIGHT.format('2.000', '2026-11-05')}\n", encoding="utf-8")
    call_command(
        "import_catalogue",
        path,
        "--replace-prices",
        "--reason",
        "a slip",
        "--confirm-price",
        "s1000=2.000",
    )
    assert price(package) == 2000


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.csv"
    rows = [RIGHT.format("1000", "2026-11-05"), RIGHT.format("3000", "2026-12-05")]
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    outcome = import_catalogue(path, at=NOW, dry_run=True)
    assert (outcome.figures["new"], outcome.figures["rejected"]) == (1, 1)
    assert not Package.objects.filter(code="S1000").exists()


TYPED = {"list_price_lek": "1.000", "reason": "a slip"}


def test_the_page_puts_a_price_right_and_a_care_agent_does_not() -> None:
    package = wrongly_priced()
    path = reverse("correct_price", args=[package.pk])
    assert signed_in(CARE_AGENT).post(path, TYPED | {"step": "confirm"}).status_code == 403
    client = signed_in(BILLING_REVIEWER)
    assert "1.000 Lekë" in client.post(path, TYPED).content.decode()
    assert client.post(path, TYPED | {"step": "confirm"}).status_code == 302
    assert price(package) == 1000


def test_the_page_asks_about_a_price_far_off_and_keeps_what_was_typed() -> None:
    path = reverse("correct_price", args=[wrongly_priced().pk])
    page = signed_in(BILLING_REVIEWER).post(path, TYPED | {"list_price_lek": "9.000"})
    for said in ("differs by more than half", 'value="9.000"', "a slip"):
        assert said in page.content.decode()


def test_the_page_names_a_price_that_may_be_read_in_two_ways() -> None:
    path = reverse("correct_price", args=[wrongly_priced().pk])
    page = signed_in(BILLING_REVIEWER).post(path, TYPED | {"list_price_lek": "1,000"})
    assert "This may be 1 Lekë or 1.000 Lekë" in page.content.decode()


def test_the_catalogue_leads_there_whoever_may() -> None:
    path = reverse("correct_price", args=[wrongly_priced().pk])
    day = {"day": f"{timezone.localdate():%d.%m.%Y}"}
    for role, is_led in ((BILLING_REVIEWER, True), (CARE_AGENT, False)):
        page = signed_in(role).get(reverse("catalogue"), day)
        assert (path in page.content.decode()) == is_led

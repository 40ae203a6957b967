"""R5: Klik-ON sells monthly packages. A shorter Super package stays in the shop."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from groups.models import TermsVersion
from klikon.activation import refusals
from klikon.activation.activate import activate
from klikon.activation.quote import quote
from klikon.catalogue import on_sale
from klikon.models import Activation, Channel, LeaderAssignment, Package
from superfamilja.values.months import local_date
from tests.factories import PackageFactory, at, family_with_leader, terms_of_its_own

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")


@pytest.fixture
def leader() -> LeaderAssignment:
    PackageFactory(code="W700", name="Super 700 javore", list_price_lek=700, validity_days=7)
    return family_with_leader()[1]


def buy(leader: LeaderAssignment, package: str, key: str = "1") -> Activation:
    return activate(
        leader=leader.member.msisdn,
        member=leader.member.msisdn,
        package=package,
        at=NOW,
        channel=Channel.WEB,
        client="test",
        key=key,
    )


def test_r5_a_super_package_of_seven_days_is_refused_and_says_why(leader: LeaderAssignment) -> None:
    with pytest.raises(refusals.NotAKlikOnPackage) as refused:
        buy(leader, "W700")
    assert refused.value.rule == "R5"
    assert refused.value.text("en") == (
        "This is not a Klik-ON package today. Klik-ON gives monthly Super packages on sale: from "
        "700 Lekë up, valid for at least 28 days."
    )
    assert refused.value.text("sq") == (
        "Kjo nuk është paketë Klik-ON sot. Me Klik-ON aktivizohen paketat mujore Super në shitje: "
        "nga 700 Lekë e lart, me vlefshmëri të paktën 28 ditë."
    )


@pytest.mark.parametrize(("days", "sold"), [(27, False), (28, True), (31, True)])
def test_r5_twenty_eight_days_are_a_month(leader: LeaderAssignment, days: int, sold: bool) -> None:
    PackageFactory(code="S900", list_price_lek=900, validity_days=days)
    if sold:
        assert buy(leader, "S900").charged_lek == 700
        return
    with pytest.raises(refusals.NotAKlikOnPackage):
        buy(leader, "S900")


def test_r19_the_shortest_validity_is_one_of_the_groups_own_terms(leader: LeaderAssignment) -> None:
    terms_of_its_own(leader.group, shortest_validity_days=7)
    assert buy(leader, "W700").charged_lek == 500


def test_r5_the_first_terms_ask_for_twenty_eight_days() -> None:
    assert TermsVersion.objects.get(number=1).shortest_validity_days == 28


def test_r5_a_quote_does_not_offer_it(leader: LeaderAssignment) -> None:
    quoted = quote(
        group=leader.group,
        leader=leader.member.msisdn,
        member=leader.member,
        at=NOW,
        channel=Channel.WEB,
    )
    row = quoted.row("W700")
    assert row is not None
    assert isinstance(row.refusal, refusals.NotAKlikOnPackage)


def test_r5_what_still_fits_leaves_it_out(leader: LeaderAssignment) -> None:
    terms_of_its_own(leader.group, cap_lek=600)
    with pytest.raises(refusals.OverTheCap) as refused:
        buy(leader, "S1000")
    assert [offer["code"] for offer in refused.value.still_fits] == ["S700"]


def test_r5_the_catalogue_gives_it_no_klik_on_price(leader: LeaderAssignment) -> None:
    newest = TermsVersion.objects.get(number=1)
    prices = {o.package.code: o.price for o in on_sale.on_sale(local_date(NOW), newest)}
    assert prices["W700"] is None
    assert prices["S700"] is not None


def test_r5_the_start_page_does_not_offer_it(leader: LeaderAssignment, client: Client) -> None:
    page = client.get("/").content.decode()
    assert "Super 700" in page
    assert "Super 700 javore" not in page


def test_r5_the_catalogue_file_takes_it_as_a_package_of_the_shop(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.csv"
    path.write_text(
        "code,family,name,list_price_lek,validity_days,benefits_sq,benefits_en,on_sale_from,"
        "on_sale_until,sms_code\nW700,super,Super 700 javore,700,7,7 GB,7 GB,2026-11-01,,\n"
    )
    call_command("import_catalogue", str(path))
    assert Package.objects.get(code="W700").validity_days == 7

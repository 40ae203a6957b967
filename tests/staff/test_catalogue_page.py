"""What was on sale on a date, at what price; the registers of promotions and own limits."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from klikon.models import Promotion
from klikon.payer import limits
from superfamilja.accounts.roles import CARE_AGENT, STORE_CLERK
from superfamilja.values.months import local_date
from tests.factories import PackageFactory, family_with_leader
from tests.proofs import payers_word
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def super_700() -> None:
    """650 until May, then 700; from December 750."""
    for price, since in (
        (650, date(2020, 1, 1)),
        (700, date(2026, 5, 1)),
        (750, date(2026, 12, 1)),
    ):
        PackageFactory(code="S700", name="Super 700", list_price_lek=price, on_sale_from=since)


def catalogue_on(day: str) -> str:
    answer = signed_in(STORE_CLERK).get(reverse("catalogue"), {"day": day})
    return str(answer.content.decode())


@pytest.mark.usefixtures("super_700")
@pytest.mark.parametrize(
    ("day", "shop", "klik_on", "since", "before"),
    [
        ("30.11.2026", "700 Lekë", "500 Lekë", "01.05.2026", ["650 Lekë"]),
        ("01.12.2026", "750 Lekë", "550 Lekë", "01.12.2026", ["700 Lekë", "650 Lekë"]),
    ],
)
def test_r5_r6_the_price_of_a_day_with_klik_on_since_when_and_before(
    day: str, shop: str, klik_on: str, since: str, before: list[str]
) -> None:
    page = catalogue_on(day)
    for said in (f">{shop}<", f">{klik_on}<", f"since {since}", *before):
        assert said in page


@pytest.mark.usefixtures("super_700")
def test_r5_below_the_smallest_price_there_is_no_klik_on_price() -> None:
    page = catalogue_on("30.04.2026")
    assert ">650 Lekë<" in page
    assert "not a Klik-ON package" in page
    assert "no other price" in page


def test_what_was_no_longer_on_sale_is_not_shown() -> None:
    PackageFactory(code="S900", name="Super 900", on_sale_until=date(2026, 11, 10))
    assert "Super 900" in catalogue_on("09.11.2026")
    assert "Super 900" not in catalogue_on("10.11.2026")


@pytest.mark.parametrize("day", ["31.11.2026", "yesterday", "11/30/2026"])
def test_what_is_no_date_is_said_and_stays_typed(day: str) -> None:
    page = catalogue_on(day)
    assert "This is not a date; write it as 30.11.2026." in page
    assert f'value="{day}"' in page


def test_without_a_date_it_is_today() -> None:
    PackageFactory(code="S900", name="Super 900")
    page = signed_in(CARE_AGENT).get(reverse("catalogue")).content.decode()
    assert "Super 900" in page


def test_the_queries_do_not_grow_with_the_catalogue(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = signed_in()
    PackageFactory()
    with django_assert_num_queries(8):
        client.get(reverse("catalogue"))
    for price in (900, 1000, 1200):
        PackageFactory(list_price_lek=price)
        PackageFactory(code=f"S{price}", list_price_lek=price + 1, on_sale_from=date(2025, 1, 1))
    with django_assert_num_queries(8):
        client.get(reverse("catalogue"))


class TestPromotions:
    REGISTER = "admin:klikon_promotion_changelist"

    @pytest.fixture(autouse=True)
    def _promotions(self) -> None:
        today = local_date(timezone.now())
        for kind, value, first, last in (
            ("percent", 31, today, today),
            ("amount", 320, today - timedelta(9), today - timedelta(8)),
            ("amount", 330, today + timedelta(8), today + timedelta(9)),
        ):
            Promotion.objects.create(
                msisdn="+355671234567",
                package_code="*",
                kind=kind,
                value=value,
                valid_from=first,
                valid_to=last,
            )

    def shown(self, **filters: str) -> list[str]:
        page = signed_in(CARE_AGENT).get(reverse(self.REGISTER), filters).content.decode()
        assert "***567" in page
        assert "671234567" not in page
        return [said for said in ("−31 %", "−320 Lekë", "−330 Lekë") if said in page]

    def test_they_are_shown_with_the_number_masked(self) -> None:
        assert self.shown() == ["−31 %", "−320 Lekë", "−330 Lekë"]

    def test_they_are_filtered_by_kind(self) -> None:
        assert self.shown(kind="amount") == ["−320 Lekë", "−330 Lekë"]

    @pytest.mark.parametrize(
        ("validity", "said"), [("now", "−31 %"), ("over", "−320 Lekë"), ("later", "−330 Lekë")]
    )
    def test_they_are_filtered_by_validity(self, validity: str, said: str) -> None:
        assert self.shown(validity=validity) == [said]

    def test_no_address_carries_a_number(self) -> None:
        answer = signed_in().get(reverse(self.REGISTER), {"msisdn": "+355671234567"})
        assert answer.status_code in {302, 400}

    def test_one_promotion_is_read_and_never_written(self) -> None:
        promotion = Promotion.objects.get(value=31)
        page = signed_in().get(reverse("admin:klikon_promotion_change", args=[promotion.pk]))
        assert "every package" in page.content.decode()
        assert 'name="value"' not in page.content.decode()


def test_r27_the_register_of_own_limits_keeps_past_ones() -> None:
    group, _ = family_with_leader()
    limits.set_limit(group=group, limit_lek=2000, at=timezone.now())
    limits.set_limit(
        group=group, member=group.memberships.get(seat=2), limit_lek=500, at=timezone.now()
    )
    limits.lift_limit(
        proof=payers_word(group.contract, timezone.now()), group=group, at=timezone.now()
    )
    client = signed_in(CARE_AGENT)
    page = client.get(reverse("admin:klikon_ownlimit_changelist")).content.decode()
    for said in (group.contract.number, "2.000 Lekë", "500 Lekë", "the whole group"):
        assert said in page
    standing = client.get(
        reverse("admin:klikon_ownlimit_changelist"), {"ended_at__isempty": "1"}
    ).content.decode()
    assert "2.000 Lekë" not in standing

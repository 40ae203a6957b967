"""The list of months and one month whole: every figure leads to exactly its rows."""

import re
from datetime import date
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing import outcomes
from billing.models import BillMonth
from billing.month import closing, figures, overview
from superfamilja.accounts.roles import AUDITOR, BILLING_REVIEWER
from tests.billing.closing import reviewer
from tests.factories import ContractFactory, charge
from tests.staff.months import NUMBER, OCTOBER, SECOND, a_full_october, approved, closed, settled
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db

WORDS = {
    "Total charged": ("4.400 Lekë", "5 charges"),
    "Activations, unreversed": ("", "4 activations"),
    "Reversed": ("1.000 Lekë", "1 reversal"),
    "Credited": ("200 Lekë", "1 credit"),
    "Carried to a later bill": ("1.300 Lekë", "1 charge"),
    "Carried in from earlier months": ("500 Lekë", "1 charge"),
    "On the parked entries": ("700 Lekë", "1 entry"),
    "On the fixed bills": ("1.600 Lekë", "1 entry"),
}
ROWS = {
    "Total charged": 5,
    "Activations, unreversed": 4,
    "Reversed": 1,
    "Credited": 1,
    "Carried to a later bill": 1,
    "Carried in from earlier months": 1,
    "On the parked entries": 1,
    "On the fixed bills": 1,
}


def month(client: Client, number: int = NUMBER) -> str:
    return str(client.get(reverse("month", args=[number])).content.decode())


def said(page: str) -> dict[str, list[str]]:
    """Return label → the words of the three cells of each line of the figures."""
    found = {}
    for row in re.findall(r'<tr role="row">\s*<th role="rowheader".*?</tr>', page, re.DOTALL):
        label, *cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        found[label] = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]
    return found


def linked(page: str) -> dict[str, str]:
    """Return label → where this month's figure leads."""
    found = re.findall(
        r'<th role="rowheader" scope="row">(.*?)</th>.*?href="(.*?)"', page, re.DOTALL
    )
    return {label: unescape(address) for label, address in found}


def rows_at(client: Client, address: str) -> int:
    """Return how many rows the page at this address lists."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    if "cl" in answer.context:
        return int(answer.context["cl"].result_count)
    return len(answer.context["rows"])


class TestFigures:
    def test_a_closed_month_shows_the_figures_it_was_closed_with(self) -> None:
        a_full_october()
        closed()
        shown = said(month(signed_in(BILLING_REVIEWER)))
        assert list(shown) == list(WORDS)
        for label, (amount, count) in WORDS.items():
            assert amount in shown[label][0]
            assert count in shown[label][0]

    def test_beside_the_month_before_and_with_the_difference(self) -> None:
        a_full_october()
        closed()
        _now, before, difference = said(month(signed_in(BILLING_REVIEWER)))["Total charged"]
        assert ("500 Lekë" in before, "1 charge" in before) == (True, True)
        assert ("+3.900 Lekë" in difference, "+4" in difference) == (True, True)

    def test_a_smaller_figure_has_a_minus(self) -> None:
        a_full_october()
        closed()
        _now, _before, difference = said(month(signed_in(), 202611))["Total charged"]
        assert "−4.400 Lekë" in difference

    @pytest.mark.parametrize("label", list(WORDS))
    def test_each_figure_leads_to_exactly_its_rows(self, label: str) -> None:
        a_full_october()
        charge(ContractFactory(), 500, "2026-11-05 12:00")
        closed()
        client = signed_in(BILLING_REVIEWER)
        assert rows_at(client, linked(month(client))[label]) == ROWS[label]

    def test_they_do_so_after_what_was_carried_has_been_reversed(self) -> None:
        contract = a_full_october()
        closed()
        held = contract.charges.get(month=OCTOBER, state="held")
        outcomes.reverse(reference=held.reference, at=SECOND, reason="never came")
        client = signed_in(BILLING_REVIEWER)
        page = month(client)
        assert {name: rows_at(client, address) for name, address in linked(page).items()} == ROWS

    def test_an_open_month_is_counted_now(self) -> None:
        client = signed_in(BILLING_REVIEWER)
        settled(ContractFactory(), 500)
        assert "500 Lekë" in said(month(client))["Total charged"][0]
        settled(ContractFactory(), 800)
        page = month(client)
        assert "1.300 Lekë" in said(page)["Total charged"][0]
        assert "counted now; the month is open" in page

    def test_a_closed_one_is_not_counted_again(self) -> None:
        closed()
        stored = figures.of_month(OCTOBER)
        with CaptureQueriesContext(connection) as asked:
            assert figures.of_month(OCTOBER) == stored
        assert not [q for q in asked if "billing_charge" in q["sql"]]

    def test_the_longest_bar_is_the_largest_amount(self) -> None:
        now = figures.Figures(charged_lek=2000, bills_lek=1500)
        before = figures.Figures(charged_lek=500)
        bars = {
            str(line.label): (line.now.bar, line.before.bar)
            for line in overview.lines(OCTOBER, now, before)
        }
        assert bars["Gjithsej shpenzuar"] == ("100.00%", "25.00%")
        assert bars["Në faturat fikse"] == ("75.00%", "0.00%")


class TestTheMonth:
    def test_who_closed_and_approved_it_when_and_why(self) -> None:
        approved()
        page = month(signed_in(AUDITOR))
        for words in ("closes", "approves", "month is over", "figures checked", "02.11.2026 09:00"):
            assert words in page

    @pytest.mark.parametrize("number", [202613, 202600, 0, 209912])
    def test_what_is_no_month_or_has_not_begun_is_not_found(self, number: int) -> None:
        assert signed_in().get(reverse("month", args=[number])).status_code == 404

    def test_the_queries_do_not_grow_with_the_month(self) -> None:
        client = signed_in(BILLING_REVIEWER)

        def asked() -> int:
            with CaptureQueriesContext(connection) as queries:
                month(client)
            return len(queries)

        a_full_october()
        closed()
        few = asked()
        closing.cancel_close(month=OCTOBER, at=SECOND, actor=reviewer(), reason="too early")
        for _ in range(4):
            settled(ContractFactory(), 500)
        closed()
        assert asked() == few


class TestTheList:
    def test_every_month_since_the_first_with_its_state(self) -> None:
        a_full_october()
        closed()
        page = signed_in().get(reverse("months")).content.decode()
        for words in ("09/2026", "10/2026", "1.600 Lekë", "closes"):
            assert words in page
        assert "08/2026" not in page

    def test_a_year_a_page(self) -> None:
        BillMonth.objects.create(month=date(2024, 1, 1), state="closed", closed_at=SECOND)
        client = signed_in()
        pages = [
            client.get(reverse("months"), {"page": page}).context["months"] for page in (1, 2, 9)
        ]
        assert [len(months) for months in pages] == [12, 12, 0]
        assert pages[0][11].month > pages[1][0].month

    def test_the_queries_do_not_grow_with_the_months(self) -> None:
        client = signed_in()

        def asked() -> int:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse("months")).status_code == 200
            return len(queries)

        a_full_october()
        few = asked()
        closed()
        for number in range(1, 9):
            BillMonth.objects.create(
                month=date(2026, number, 1),
                state="closed",
                closed_at=SECOND,
                closed_by=reviewer(f"r{number}"),
            )
        assert asked() == few

    def test_the_first_page_of_the_staff_leads_there(self) -> None:
        page = signed_in(BILLING_REVIEWER).get(reverse("admin:index")).content.decode()
        assert reverse("months") in page
        assert reverse("parked_list") in page

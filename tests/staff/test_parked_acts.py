"""Parked entries in the browser: why, which lines, and how they are resolved (R14)."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import ParkedEntry
from billing.month import closing
from superfamilja.accounts.roles import (
    AUDITOR,
    BILLING_APPROVER,
    BILLING_REVIEWER,
    CARE_AGENT,
)
from superfamilja.audit.models import Act
from tests.billing.closing import reviewer
from tests.factories import ContractFactory
from tests.staff.months import NUMBER, OCTOBER, SECOND, closed, parked, settled, spoil
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def row() -> ParkedEntry:
    return parked()


def page_of(client: Client, row: ParkedEntry) -> str:
    return str(client.get(reverse("parked_entry", args=[row.pk])).content.decode())


def act(client: Client, name: str, row: ParkedEntry, reason: str = "lines checked") -> str:
    """Confirm an act; return the page of its refusal, or nothing."""
    address = reverse(name, args=[row.pk])
    answer = client.post(address, {"reason": reason, "step": "confirm"})
    return "" if answer.status_code == 302 else answer.content.decode()


def test_the_reason_is_said_in_words_and_its_lines_stand_below(row: ParkedEntry) -> None:
    page = page_of(signed_in(BILLING_REVIEWER), row)
    assert "Spent: the entry says 700 Lekë, its lines say 800 Lekë." in page
    assert row.entry.charges.get().reference in page
    assert "The lines come to" in page


def test_counted_anew_it_says_what_its_lines_say(row: ParkedEntry) -> None:
    client = signed_in(BILLING_REVIEWER)
    assert act(client, "recount_parked", row) == ""
    row.refresh_from_db()
    row.entry.refresh_from_db()
    assert (row.resolution, row.entry.spent) == ("recounted", 800)
    assert Act.objects.get(verb="parked_recounted").reason == "lines checked"
    assert "Ways out" not in page_of(client, row)


def test_one_proposes_and_another_accepts(row: ParkedEntry) -> None:
    first, second = signed_in(BILLING_REVIEWER), signed_in(BILLING_APPROVER)
    act(first, "propose_parked", row, "the line was posted twice by hand")
    assert reverse("accept_parked", args=[row.pk]) not in page_of(first, row)
    page = page_of(second, row)
    assert reverse("accept_parked", args=[row.pk]) in page
    assert "the line was posted twice by hand" in page
    assert act(second, "accept_parked", row, "agreed") == ""
    row.refresh_from_db()
    row.entry.refresh_from_db()
    assert (row.resolution, row.entry.spent) == ("accepted", 700)
    assert Act.objects.get(verb="parked_accepted").reason == "agreed"


def test_whoever_proposed_is_refused_in_words(row: ParkedEntry) -> None:
    client = signed_in(BILLING_REVIEWER)
    act(client, "propose_parked", row)
    assert "a second person accepts it" in act(client, "accept_parked", row)
    row.refresh_from_db()
    assert row.resolution is None


def test_a_stale_page_is_told_that_somebody_has_resolved_it(row: ParkedEntry) -> None:
    act(signed_in(BILLING_APPROVER), "recount_parked", row)
    said = act(signed_in(BILLING_REVIEWER), "propose_parked", row)
    assert "This entry does not wait any more: somebody has resolved it." in said


@pytest.mark.parametrize(
    ("role", "offered"), [(BILLING_REVIEWER, True), (CARE_AGENT, False), (AUDITOR, False)]
)
def test_ways_out_are_offered_to_billing_alone(row: ParkedEntry, role: str, offered: bool) -> None:
    page = page_of(signed_in(role), row)
    assert (reverse("recount_parked", args=[row.pk]) in page) is offered


class TestTheList:
    def test_what_waits_is_listed_with_its_reason(self, row: ParkedEntry) -> None:
        page = signed_in(BILLING_REVIEWER).get(reverse("parked_list")).content.decode()
        assert str(row) in page
        assert "the entry says 700 Lekë, its lines say 800 Lekë" in page

    def test_what_was_resolved_is_listed_only_with_its_month(self, row: ParkedEntry) -> None:
        client = signed_in(BILLING_REVIEWER)
        act(client, "recount_parked", row)
        assert str(row) not in client.get(reverse("parked_list")).content.decode()
        page = client.get(reverse("parked_list"), {"month": NUMBER}).content.decode()
        assert str(row) in page
        assert "counted anew from its lines" in page

    def test_what_a_cancelled_close_had_parked_is_not_listed(self, row: ParkedEntry) -> None:
        closing.cancel_close(month=OCTOBER, at=SECOND, actor=reviewer(), reason="too early")
        page = signed_in().get(reverse("parked_list"), {"month": NUMBER}).content.decode()
        assert str(row) not in page

    @pytest.mark.parametrize("query", [{"month": "x"}, {"month": "202613"}, {"page": "x"}])
    def test_what_is_no_month_and_no_page_is_not_found(self, query: dict[str, str]) -> None:
        assert signed_in().get(reverse("parked_list"), query).status_code == 404

    def test_the_queries_do_not_grow_with_the_rows_and_there_are_pages(self) -> None:
        client = signed_in()

        def asked() -> int:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse("parked_list")).status_code == 200
            return len(queries)

        for count in (1, 26):
            for _ in range(count):
                contract = ContractFactory()
                settled(contract, 800)
                spoil(contract, 700)
            if count == 1:
                closed()
                few = asked()
                closing.cancel_close(month=OCTOBER, at=SECOND, actor=reviewer(), reason="too early")
        closed()
        assert asked() == few
        pages = [client.get(reverse("parked_list"), {"page": n}).context["rows"] for n in (1, 2)]
        assert [len(rows) for rows in pages] == [25, 2]


def test_the_queries_of_one_do_not_grow_with_its_lines(row: ParkedEntry) -> None:
    client = signed_in()

    def asked(of: ParkedEntry) -> int:
        with CaptureQueriesContext(connection) as queries:
            page_of(client, of)
        return len(queries)

    few = asked(row)
    closing.cancel_close(month=OCTOBER, at=SECOND, actor=reviewer(), reason="too early")
    contract = ContractFactory()
    for _ in range(6):
        settled(contract, 500)
    spoil(contract, 700)
    closed()
    assert asked(ParkedEntry.objects.in_force().get(contract=contract)) == few

"""The charging system's list is accepted whole, or not at all."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from klikon.charging_simulator.server import Simulator
from klikon.comparison import books
from klikon.comparison.books import OurOrder, difference
from klikon.provisioning.line import listing
from klikon.provisioning.line.listing import ListBrokenError, TheirOrder
from superfamilja.epoch.models import Mark
from tests.factories import at
from tests.klikon.provisioning.charging import behave, ordered, simulator

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
ROW = {
    "reference": "KN-1",
    "msisdn": "+355671234567",
    "package": "S700",
    "state": "done",
    "code": "",
    "taken_at": "2026-11-05T13:05:00+00:00",
    "ordered_at": None,
}


@pytest.fixture
def charging(settings: Settings) -> Iterator[Simulator]:
    with simulator(settings) as server:
        yield server


def test_every_page_of_it_is_read(charging: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 3)
    for number in range(8):
        charging.store.keep(
            {
                "reference": f"KN-{number}",
                "msisdn": "+355671234567",
                "package": "S700",
                "validity_days": 28,
                "ordered_at": "2026-11-05T13:04:59+00:00",
            },
            "done",
        )
    found = listing.orders_since(LONG_AGO).orders
    assert sorted(found) == [f"KN-{number}" for number in range(8)]
    assert found["KN-0"].ordered_at == datetime(2026, 11, 5, 13, 4, 59, tzinfo=UTC)
    assert listing.orders_since(datetime.now(UTC) + timedelta(hours=1)).orders == {}


@pytest.mark.parametrize("mode", ["down", "cut"])
def test_a_line_that_is_down_is_no_list(charging: Simulator, mode: str) -> None:
    behave(charging, mode)
    with pytest.raises(ListBrokenError):
        listing.orders_since(LONG_AGO)


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ({"orders": [ROW], "total": 1}, "whether it is the last"),
        ({"orders": [ROW], "next": None}, "total"),
        ({"orders": [ROW], "next": None, "total": 2}, "holds 1 orders and says 2"),
        ({"orders": [ROW, ROW], "next": None, "total": 2}, "twice"),
        ({"orders": "all", "next": None, "total": 0}, "no list"),
        ({"orders": [7], "next": None, "total": 1}, "not an object"),
        ({"orders": [{**ROW, "state": "?"}], "next": None, "total": 1}, "reference or state"),
        ({"orders": [{**ROW, "msisdn": "7"}], "next": None, "total": 1}, "no mobile number"),
        ({"orders": [{**ROW, "taken_at": "now"}], "next": None, "total": 1}, "when it was taken"),
        ({"orders": [{**ROW, "code": "\x00"}], "next": None, "total": 1}, "cannot be read"),
        ({"orders": [], "next": "1", "total": 0}, "in a circle"),
    ],
)
def test_a_list_that_is_not_whole_stops(
    page: dict[str, Any], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_page", lambda _since, _after: page)
    with pytest.raises(ListBrokenError, match=why):
        listing.orders_since(LONG_AGO)


def their(**more: Any) -> TheirOrder:
    fields = {
        "reference": "KN-1",
        "msisdn": "+355671234567",
        "package": "S700",
        "state": "done",
        "code": "",
        "taken_at": LONG_AGO,
        "ordered_at": None,
    }
    return TheirOrder(**{**fields, **more})


def our(state: str = "done") -> OurOrder:
    return OurOrder("KN-1", "+355671234567", "S700", state, LONG_AGO)


@pytest.mark.parametrize(
    ("there", "here", "found"),
    [
        (their(), None, "missing_here"),
        (their(state="failed"), None, "missing_here"),
        (None, our(), "missing_there"),
        (None, our("ordered"), None),  # it is sent when the halt ends
        (their(), our(), None),
        (their(), our("unknown"), None),  # it is asked about when the halt ends
        (their(msisdn="+355671234568"), our(), "content"),
        (their(package="S1000"), our(), "content"),
        (their(state="failed"), our(), "outcome"),
        (their(), our("failed"), "outcome"),
    ],
)
def test_what_differs(there: TheirOrder | None, here: OurOrder | None, found: str | None) -> None:
    assert difference(there, here) == found


class TestSinceWhen:
    """A day before our last order, or before our last mark if that is older."""

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("marked", "since"),
        [
            (None, "2026-11-04 14:05"),
            ("2026-11-06 08:00", "2026-11-04 14:05"),
            ("2026-11-03 08:00", "2026-11-02 08:00"),  # the order's clock was ahead
        ],
    )
    def test_the_older_of_order_and_mark_counts(self, marked: str | None, since: str) -> None:
        ordered(at("2026-11-05 14:05"))
        if marked:
            Mark.objects.create(token="m", written_at=at(marked))
        assert books.since_when() == at(since)

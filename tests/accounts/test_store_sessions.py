"""The day's sessions of a shop: who, from when until when, and how each ended."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from superfamilja.accounts import roles, staff
from superfamilja.accounts.models import StoreSession
from superfamilja.accounts.store_register import store_acts
from superfamilja.accounts.stores.store_sessions import sessions_of
from tests.signing_in import shop, sign_in, staff_member

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 5)
EIGHT = datetime(2026, 11, 5, 7, 0, tzinfo=UTC)  # in Tirane


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(EIGHT, tick=False) as traveller:
        yield traveller


def at_work(username: str, code: str = "D01") -> Client:
    """Return a person who has just signed in to that shop."""
    user = staff_member(roles.STORE_CLERK, username, shops=[shop("D01"), shop("D02")])
    return sign_in(Client(), user, shop(code))


def seen(code: str = "D01", day: date = DAY) -> list[tuple[str, str, str, str]]:
    """Return person, from, until (in Tirane) and the end of each."""
    return [
        (
            time.person.username,
            timezone.localtime(time.began_at).strftime("%H:%M"),
            timezone.localtime(time.until).strftime("%H:%M"),
            time.how,
        )
        for time in sessions_of(shop(code), day, at=timezone.now())
    ]


def test_signing_out_is_an_end(clock):
    client = at_work("klea")
    clock.shift(timedelta(minutes=5))
    client.post("/staff/sign-out/")
    clock.shift(timedelta(hours=5))
    assert seen() == [("klea", "08:00", "08:05", "doli")]


def test_signing_out_everywhere_is_an_end(clock):
    client = at_work("klea")
    clock.shift(timedelta(minutes=5))
    client.post("/staff/sign-out/everywhere/")
    assert seen() == [("klea", "08:00", "08:05", "doli")]


def test_going_to_another_shop_ends_the_time_in_the_first(clock):
    client = at_work("klea")
    clock.shift(timedelta(minutes=10))
    client.post("/staff/shop/", {"store": shop("D02").pk})
    assert seen("D01") == [("klea", "08:00", "08:10", "kaloi në një dyqan tjetër")]
    assert seen("D02") == [("klea", "08:10", "08:10", "në punë")]


@pytest.mark.parametrize("looked_in_again", [True, False])
def test_who_leaves_without_a_word_was_there_until_he_was_last_seen(clock, looked_in_again):
    client = at_work("klea")
    clock.shift(timedelta(minutes=10))
    client.get("/admin/")
    clock.shift(timedelta(minutes=15))
    if looked_in_again:
        assert client.get("/admin/").url == "/staff/sign-in/"
    assert seen() == [("klea", "08:00", "08:10", "koha mbaroi")]


@pytest.mark.full
def test_ten_hours_are_an_end_however_busy(clock):
    client = at_work("klea")
    for _ in range(60):
        clock.shift(timedelta(minutes=10))
        client.get("/admin/")
    assert seen() == [("klea", "08:00", "17:50", "koha mbaroi")]


def test_an_administrators_act_and_a_shut_shop_are_ends(clock):
    at_work("klea")
    at_work("mondi")
    clock.shift(timedelta(minutes=1))
    klea = StoreSession.objects.get(user__username="klea").user
    staff.disable_staff(user=klea, actor=None, at=timezone.now(), reason="left")
    clock.shift(timedelta(minutes=1))
    store_acts.shut_store(store=shop("D01"), actor=None, at=timezone.now(), reason="water")
    assert seen() == [
        ("klea", "08:00", "08:01", "u ndërpre nga administratori"),
        ("mondi", "08:00", "08:02", "dyqani u mbyll"),
    ]


def test_a_day_is_that_of_tirane_and_a_shop_sees_its_own(clock):
    clock.move_to(datetime(2026, 11, 4, 22, 59, 59, tzinfo=UTC))
    at_work("dje")
    clock.shift(1)
    at_work("sot")
    at_work("tjetri", "D02")
    clock.move_to(datetime(2026, 11, 5, 23, 0, tzinfo=UTC))
    at_work("nesër")
    assert [who for who, *_rest in seen()] == ["sot"]


def test_being_seen_is_written_twice_a_minute_at_most(clock):
    client = at_work("klea")
    clock.shift(29)
    client.get("/admin/")
    assert StoreSession.objects.get().last_seen_at == EIGHT
    clock.shift(1)
    client.get("/admin/")
    assert StoreSession.objects.get().last_seen_at == EIGHT + timedelta(seconds=30)


def test_the_days_list_is_one_query_however_long(clock, django_assert_num_queries):
    for number in range(3):
        at_work(f"k{number}")
    store = shop()
    with django_assert_num_queries(1):
        assert len(sessions_of(store, DAY, at=EIGHT)) == 3

"""Two requests of one sign-in enter a shop at the same instant, with real threads."""

from functools import partial
from unittest import mock

import pytest
from django.db.models import QuerySet
from django.http import HttpRequest

from superfamilja.accounts import roles
from superfamilja.accounts.models import Store, StoreSession, User
from superfamilja.accounts.stores import chosen
from tests.concurrency.racing import DONE, meeting_before, race
from tests.factories import at
from tests.signing_in import shop, staff_member

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-11-20 10:00")
UNLOCKED = mock.patch.object(QuerySet, "select_for_update", lambda self, **_how: self.all())


@pytest.fixture
def clerk() -> User:
    return staff_member(roles.STORE_CLERK, shops=[shop("D01"), shop("D02")])


def entering(clerk: User, store: Store) -> partial[None]:
    """Let each request read the session before either writes it."""
    request = HttpRequest()
    request.user, request.session = clerk, {chosen.SIGNED_IN_AT: NOW.isoformat()}
    return partial(chosen.enter, request, store, at=NOW)


def attempt(clerk: User, *codes: str) -> dict[str, int]:
    with meeting_before("superfamilja.accounts.stores.chosen._begin"):
        return race(*(entering(clerk, shop(code)) for code in codes))


def test_the_same_shop_twice_is_entered_once(clerk: User) -> None:
    assert attempt(clerk, "D01", "D01") == {DONE: 2}
    assert StoreSession.objects.filter(user=clerk).count() == 1


def test_two_shops_leave_one_open(clerk: User) -> None:
    assert attempt(clerk, "D01", "D02") == {DONE: 2}
    assert StoreSession.objects.filter(user=clerk, ended_at=None).count() == 1


def test_control_without_the_lock_the_index_has_to_stop_it(clerk: User) -> None:
    with UNLOCKED:
        assert attempt(clerk, "D01", "D02") == {DONE: 1, "IntegrityError": 1}

"""Shops on a screen: the question after the sign-in by keyboard alone, and axe on every state."""

import pytest
from django.urls import reverse

from superfamilja.accounts.models import StoreSession
from superfamilja.accounts.roles import ADMINISTRATOR, STORE_CLERK
from tests.browser.looking import PASSWORD, Desk, code_now, person
from tests.signing_in import shop, staff_member


def press(desk: Desk, field: str, *keys: str) -> None:
    """Press these keys as soon as that field has the focus; the last one opens the next page."""
    desk.page.locator(f"[name={field}]:focus").wait_for()
    for key in keys[:-1]:
        desk.page.keyboard.press(key)
    with desk.page.expect_navigation():
        desk.page.keyboard.press(keys[-1])


def type_in(desk: Desk, field: str, text: str) -> None:
    desk.page.locator(f"[name={field}]:focus").wait_for()
    desk.page.keyboard.insert_text(text)


@pytest.mark.full
def test_a_clerk_of_two_shops_chooses_with_the_keyboard_and_goes_to_the_other(desk: Desk) -> None:
    clerk = person(STORE_CLERK, shops=[shop("D01"), shop("D02")])
    desk.open("/staff/sign-in/")
    type_in(desk, "login", clerk.username)
    desk.page.keyboard.press("Tab")
    type_in(desk, "password", PASSWORD)
    press(desk, "password", "Enter")
    type_in(desk, "code", code_now())
    press(desk, "code", "Enter")
    press(desk, "store", "Enter")
    desk.says("Zgjidhni dyqanin ku jeni.")
    desk.has_no_barrier_at_any_size()
    press(desk, "store", "Space", "Enter")
    desk.says("Kërkesat e mia të hapura")
    assert desk.page.locator(".shop").inner_text().startswith("Tirana 3")
    desk.has_no_barrier_at_any_size()
    desk.follow("Ndryshoni dyqanin")
    press(desk, "store", "ArrowDown", "Enter")
    desk.says("Kërkesat e mia të hapura")
    sessions = StoreSession.objects.filter(user=clerk).order_by("pk")
    assert [(s.store.code, s.how) for s in sessions] == [("D01", "changed_store"), ("D02", None)]


def test_a_clerk_without_a_shop_is_told_whom_to_call(desk: Desk) -> None:
    desk.sign_in(staff_member(STORE_CLERK, shops=[]))
    desk.open("/admin/")
    desk.says("Nuk keni dyqan")
    desk.has_no_barrier_at_any_size()


@pytest.mark.full
def test_looking_after_the_shops_and_who_works_there(desk: Desk) -> None:
    store, clerk = shop(), staff_member(STORE_CLERK)
    desk.sign_in(staff_member(ADMINISTRATOR))
    act = "admin:accounts_store_act"
    for path in (
        reverse("admin:accounts_store_changelist"),
        reverse("admin:accounts_store_change", args=[store.pk]),
        reverse("admin:accounts_user_act", args=[clerk.pk, "move"]),
        reverse(act, args=[store.pk, "rename"]),
        reverse(act, args=[store.pk, "shut"]),
        reverse("admin:accounts_store_add"),
    ):
        desk.open(path)
        desk.has_no_barrier_at_any_size()
    desk.press(desk.page.locator("main button").first)
    desk.has_no_barrier_at_any_size()

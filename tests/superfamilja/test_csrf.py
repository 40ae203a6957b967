"""A late answer in one tab does not break the forms of another that has just signed in."""

import pytest
from django.conf import settings
from django.test import Client

from superfamilja.accounts import demonstration

pytestmark = pytest.mark.django_db
TOKEN = settings.CSRF_COOKIE_NAME
SIGN_IN = "/staff/sign-in/"


def sent(client: Client, page: str, **typed: str) -> None:
    """Send a form as a browser does, with the token in it."""
    form = client.get(page)
    answer = client.post(page, {**typed, "csrfmiddlewaretoken": str(form.context["csrf_token"])})
    assert answer.status_code == 302


def test_what_was_asked_before_a_sign_in_brings_no_token_after_it():
    demonstration.create_staff()
    browser, other_tab = Client(enforce_csrf_checks=True), Client()
    before = browser.get(SIGN_IN).cookies[TOKEN].value
    sent(browser, SIGN_IN, login="agjenti", password=demonstration.PASSWORD)
    code = demonstration.current_code("agjenti")
    sent(browser, f"{SIGN_IN}code/", code=code)
    assert browser.cookies[TOKEN].value != before

    other_tab.cookies[TOKEN] = before
    late = other_tab.get("/")
    assert b"csrfmiddlewaretoken" in late.content
    assert TOKEN not in late.cookies


def test_a_token_that_is_none_is_replaced():
    client = Client()
    client.cookies[TOKEN] = "no token"
    assert len(client.get(SIGN_IN).cookies[TOKEN].value) == 32

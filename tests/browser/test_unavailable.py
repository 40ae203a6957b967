"""While the database does not answer, a family's phone can send again what was typed."""

from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from klikon.models import Activation
from superfamilja.customers.sessions import FAMILY_COOKIE
from tests.browser.looking import Desk
from tests.factories import family_with_leader
from tests.portal.families import signed_in


def carry(desk: Desk, client: Client) -> None:
    """Continue in the browser as the family that is signed in there."""
    cookie = client.cookies[FAMILY_COOKIE]
    desk.page.context.add_cookies([{"name": FAMILY_COOKIE, "value": cookie.value, "url": desk.url}])


def silent(*_arguments: Any, **_named: Any) -> None:
    raise OperationalError("the database did not answer in time")


@pytest.fixture
def leader() -> Any:
    return family_with_leader()[1]


def test_the_yes_of_a_phone_is_sent_again_and_charged_once(desk: Desk, leader: Any) -> None:
    carry(desk, signed_in(leader.member.msisdn))
    desk.may_be(503)
    desk.open(reverse("leader_activates", args=[leader.group.memberships.get(seat=2).pk]))
    desk.page.get_by_text("Super 700").first.click()
    desk.page.get_by_role("button", name="Vazhdoni").click()
    with mock.patch("klikon.activation.activate.answer", silent):
        desk.page.get_by_role("button", name="Po, aktivizoni").click()
        expect(desk.page.get_by_role("heading", level=1).first).to_have_text(
            "Portali nuk përgjigjet dot në këtë çast"
        )
    desk.has_no_barrier_at_any_size()
    again = desk.page.get_by_role("button", name="Dërgojeni përsëri")
    again.focus()
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_text("KN-").first).to_be_visible()
    assert Activation.objects.filter(contract=leader.group.contract).count() == 1


def test_a_page_that_was_only_looked_at_is_tried_again(desk: Desk, leader: Any) -> None:
    carry(desk, signed_in(leader.member.msisdn))
    desk.may_be(503)
    path = reverse("leader_activates", args=[leader.group.memberships.get(seat=2).pk])
    with mock.patch("klikon.portal.leader.quote", silent):
        desk.page.goto(desk.url + path)
    desk.page.get_by_role("link", name="Provoni përsëri").click()
    expect(desk.page.get_by_text("Super 700").first).to_be_visible()

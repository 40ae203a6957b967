"""The demonstration's page keeps itself up to date and misses nothing."""

import pytest
from playwright.sync_api import Route, expect

from superfamilja.messages.models import OutgoingMessage
from tests.browser.families import activated
from tests.browser.looking import Desk
from tests.factories import assign, family, family_with_leader


def test_what_happens_before_the_first_look_is_shown(desk: Desk) -> None:
    member = family(1).memberships.get()

    def an_sms_comes_first(look: Route) -> None:
        if not OutgoingMessage.objects.filter(recipient=member.msisdn).exists():
            assign(member)
        look.continue_()

    desk.page.route("**/live/", an_sms_comes_first)
    with desk.page.expect_response("**/live/"):
        desk.open(f"/demo/phone/{member.pk}/")
    sms = OutgoingMessage.objects.get(recipient=member.msisdn)
    expect(desk.page.locator(".sms")).to_contain_text(sms.words)


@pytest.mark.full
def test_what_is_being_pressed_is_not_put_in_place_anew(desk: Desk) -> None:
    group, _ = family_with_leader()
    member = group.memberships.get(seat=2)
    activated(group, 2, "S700")
    desk.open(f"/demo/phone/{member.pk}/")
    page, shown = desk.page, desk.page.locator("[data-live=sms] .said")
    shown.last.hover()
    page.mouse.down()
    held = shown.last.element_handle()
    before = shown.count()
    activated(group, 2, "S1000")
    for _ in range(3):  # a further look is requested after the one before has been shown
        with page.expect_response("**/live/") as look:
            pass
    assert look.value.text().count('class="said"') > before
    assert held.evaluate("element => element.isConnected")
    page.mouse.up()
    expect(shown).not_to_have_count(before)

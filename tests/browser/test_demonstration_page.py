"""A page of the demonstration that keeps itself up to date: nothing that happens is missed."""

from playwright.sync_api import Route, expect

from superfamilja.messages.models import OutgoingMessage
from tests.browser.looking import Desk
from tests.factories import assign, family


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

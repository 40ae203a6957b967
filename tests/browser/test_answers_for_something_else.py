"""Show answers about something else, and callbacks for unknown orders, without barriers (R36)."""

import pytest
from django.urls import reverse

from klikon.provisioning.answers import Statement
from klikon.provisioning.line import unknown, verdict
from klikon.provisioning.models import EventKind, UnknownCallback
from superfamilja.accounts.roles import BILLING_REVIEWER
from tests.browser.looking import PHONE, Desk
from tests.klikon.provisioning.charging import NOW, ordered, statement
from tests.signing_in import staff_member

pytestmark = pytest.mark.full


def test_an_order_says_for_what_it_was_answered(desk: Desk) -> None:
    order = ordered()
    said = statement(order, "done", msisdn="+355690000123", package="S1000")
    verdict.apply(order, said.answer(), at=NOW, kind=EventKind.CALLBACK)
    desk.sign_in(staff_member(BILLING_REVIEWER))
    desk.open(reverse("admin:provisioning_order_change", args=[order.pk]))
    desk.says("numri ***123, paketa S1000")
    page = desk.page
    page.set_viewport_size(PHONE)
    card = page.locator(".field-answered_for")
    assert card.evaluate("row => row.scrollWidth <= row.clientWidth")
    desk.has_no_barrier_at_any_size()


def test_a_callback_for_an_unknown_order_is_looked_into(desk: Desk) -> None:
    said = Statement("KN-AEN-XMH-M22Q", "+355690000123", "S1000", "done")
    unknown.keep(said, message_id="looked into in a browser", at=NOW)
    kept = UnknownCallback.objects.get(message_id="looked into in a browser")
    desk.sign_in(staff_member(BILLING_REVIEWER))
    desk.open(reverse("admin:provisioning_unknowncallback_changelist"))
    desk.says("KN-AEN-XMH-M22Q")
    desk.has_no_barrier_at_any_size()
    desk.open(reverse("admin:provisioning_unknowncallback_change", args=[kept.pk]))
    desk.says("Nuk kemi porosi me këtë referencë.")
    desk.has_no_barrier_at_any_size()
    desk.open(reverse("close_callback", args=[kept.pk]))
    desk.page.locator("[name=reason]").fill("ishte nga sistemi i provës")
    desk.press(desk.page.locator("button[value=check]"))
    desk.has_no_barrier_at_any_size()
    desk.press(desk.page.locator("button[value=confirm]"))
    desk.says("Njoftimi u shqyrtua.")

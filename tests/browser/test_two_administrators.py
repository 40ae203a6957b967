"""Two administrators work together in a browser, on pages without barriers (R35)."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from superfamilja.accounts.models import AccountRequest, User
from tests.accounts.administrators import administrator, deciding
from tests.browser.looking import Desk

pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True)]


def an_approver() -> User:
    approver = deciding()
    approver.first_name, approver.last_name = "Mirjeta", "Miratuesi"
    approver.save()
    return approver


def test_one_asks_another_confirms_and_the_owner_reads_it(desk: Desk, page: Page) -> None:
    approver, asker, second = an_approver(), administrator(), administrator()
    desk.sign_in(asker)
    desk.open(reverse("admin:accounts_user_change", args=[approver.pk]))
    desk.follow("Jepni një fjalëkalim të përkohshëm")
    desk.says("Kjo llogari miraton, korrigjon ose administron")
    desk.has_no_barrier_at_any_size()
    page.locator("textarea[name=reason]").fill("ka humbur telefonin")
    desk.press(page.locator("main form.card button"))
    desk.says("Gjysma e parë e fjalëkalimit të përkohshëm")
    desk.has_no_barrier_at_any_size()
    first = page.locator("p.code").inner_text()
    desk.follow("Gati, te kërkesat")
    desk.says("e kërkuat Ju")
    desk.has_no_barrier_at_any_size()

    desk.sign_in(second)
    desk.open("/admin/")
    desk.press(page.get_by_role("link", name="po-në Tuaj"))
    desk.says("pret Ju")
    request = AccountRequest.objects.latest("pk")
    desk.press(page.locator(f'a[href="{reverse("account_request", args=[request.pk])}"]'))
    desk.says("ka humbur telefonin")
    desk.has_no_barrier_at_any_size()
    desk.click("Po, bëjeni")
    desk.says("Gjysma e dytë e fjalëkalimit të përkohshëm")
    desk.has_no_barrier_at_any_size()
    both = f"{first}-{page.locator('p.code').inner_text()}"

    approver.refresh_from_db()
    assert approver.check_password(both)
    User.objects.filter(pk=approver.pk).update(temporary_password_until=None)
    desk.sign_in(approver)
    desk.open("/admin/")
    desk.says("Llogaria Juaj u ndryshua")
    desk.has_no_barrier_at_any_size()
    desk.click("E di: vazhdoni")
    desk.says("Roli Juaj")
    assert desk.complaints == []


def test_a_request_is_declined_with_a_reason(desk: Desk, page: Page) -> None:
    approver, asker, second = an_approver(), administrator(), administrator()
    desk.sign_in(asker)
    desk.open(reverse("admin:accounts_user_act", args=[approver.pk, "second-factor"]))
    page.locator("textarea[name=reason]").fill("telefoni i ri")
    desk.press(page.locator("main form.card button"))
    desk.says("U kërkua dhe pret një administrator tjetër.")
    request = AccountRequest.objects.latest("pk")
    desk.sign_in(second)
    desk.open(reverse("account_request", args=[request.pk]))
    desk.follow("Jo, refuzojeni")
    desk.has_no_barrier_at_any_size()
    page.locator("textarea[name=reason]").fill("nuk e njeh")
    desk.press(page.locator("button[value=check]"))
    desk.press(page.locator("button[value=confirm]"))
    desk.says("Kërkesa u mbyll; nuk u ndryshua asgjë.")
    request.refresh_from_db()
    assert request.outcome == "declined"

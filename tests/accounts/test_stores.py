"""A session works in one shop: chosen after the sign-in, checked at every request."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from superfamilja.accounts import roles, staff
from superfamilja.accounts.models import StoreSession, User
from superfamilja.accounts.refusals import NoStore
from superfamilja.accounts.store_register import store_acts
from superfamilja.accounts.stores import chosen
from superfamilja.audit.models import Act
from tests.signing_in import shop, sign_in, staff_member

pytestmark = pytest.mark.django_db
ASKED = "/staff/shop/"


def clerk(*codes: str) -> User:
    return staff_member(roles.STORE_CLERK, shops=[shop(code) for code in codes])


def request_of(client: Client) -> HttpRequest:
    """Return the next request of this browser, as a view would get it."""
    return client.get("/staff/sign-out/").wsgi_request


def choose(client: Client, code: str, address: str = ASKED):
    return client.post(address, {"store": shop(code).pk})


def test_who_has_one_shop_is_in_it_without_a_question(client):
    user = clerk("D01")
    sign_in(client, user)
    assert client.get("/admin/").status_code == 200
    assert chosen.current(request_of(client)) == shop("D01")
    act = Act.objects.get(verb="sign_in_to_store")
    assert (act.actor, act.details) == (user, {"store": "D01"})


def test_who_has_several_is_asked_before_anything_opens(client):
    sign_in(client, clerk("D01", "D02"))
    for page in ("/admin/", "/admin/search/", "/staff/recovery-codes/"):
        assert client.get(page).url == f"{ASKED}?next={page.replace('/', '%2F')}"
    assert client.post("/admin/search/", {"text": "FX"}).url == ASKED
    assert not StoreSession.objects.exists()


def test_the_answer_opens_the_page_that_was_asked_for(client):
    sign_in(client, clerk("D01", "D02"))
    assert choose(client, "D02", client.get("/admin/search/").url).url == "/admin/search/"
    assert client.get("/admin/search/").status_code == 200
    assert chosen.current(request_of(client)) == shop("D02")


@pytest.mark.parametrize("page", ["https://example.com/", "//example.com", "javascript:alert(1)"])
def test_the_answer_leads_to_no_other_site(client, page):
    sign_in(client, clerk("D01", "D02"))
    assert choose(client, "D01", f"{ASKED}?next={page}").url == "/desk/"


def test_a_shop_of_others_and_a_shut_one_cannot_be_chosen(client):
    sign_in(client, clerk("D01", "D02", "D03"))
    shut = shop("D03")
    store_acts.shut_store(store=shut, actor=None, at=timezone.now(), reason="moved")
    for code in ("D03", "D04"):
        assert choose(client, code).context["form"].errors["store"]
    assert client.get("/admin/").status_code == 302


def test_who_has_none_is_told_whom_to_call(client):
    sign_in(client, clerk())
    assert client.get("/admin/").url.startswith(ASKED)
    assert "Telefonojini administratorit" in client.get(ASKED).content.decode()


@pytest.mark.parametrize("role", sorted(set(roles.PERMISSIONS) - set(roles.IN_A_STORE)))
def test_other_roles_are_not_asked_and_are_in_no_shop(client, role):
    sign_in(client, staff_member(role))
    assert client.get("/admin/").status_code == 200
    assert client.get(ASKED).url == "/admin/"
    assert chosen.current(request_of(client)) is None
    with pytest.raises(NoStore):
        chosen.require(request_of(client))


def test_nobody_is_asked_before_the_second_factor_and_a_password_of_his_own(client):
    user = clerk("D01", "D02")
    client.force_login(user)
    assert client.get(ASKED).url == "/staff/second-factor/"
    assert choose(client, "D01").url == "/staff/second-factor/"
    user.temporary_password_until = timezone.now() + timedelta(hours=1)
    user.save()
    assert choose(sign_in(Client(), user), "D01").url == "/staff/password/"
    assert not StoreSession.objects.exists()


def test_another_shop_is_gone_to_by_post_and_it_is_recorded(client):
    sign_in(client, clerk("D01", "D02"), shop("D01"))
    client.get(ASKED, {"store": shop("D02").pk})
    assert chosen.current(request_of(client)) == shop("D01")
    choose(client, "D02")
    assert chosen.current(request_of(client)) == shop("D02")
    assert Act.objects.get(verb="change_store").details == {"store": "D02", "before": "D01"}


def test_the_header_says_the_shop_and_offers_another_where_there_is_one(client):
    sign_in(client, clerk("D01"))
    page = client.get("/admin/").content.decode()
    assert "Tirana 3" in page
    assert ASKED not in page
    sign_in(client, clerk("D01", "D02"), shop("D01"))
    assert ASKED in client.get("/admin/").content.decode()


def test_whoever_is_in_a_shop_that_is_shut_is_turned_away_at_the_next_request(client):
    sign_in(client, clerk("D01", "D02"), shop("D01"))
    store_acts.shut_store(store=shop("D01"), actor=None, at=timezone.now(), reason="water")
    assert client.get("/admin/").url.startswith(ASKED)
    page = client.get(ASKED)
    assert [str(store) for store in page.context["form"].fields["store"].queryset] == ["D02 (D02)"]


def test_a_link_that_was_cut_by_hand_ends_the_binding_too(client):
    user = clerk("D01")
    sign_in(client, user)
    user.stores.clear()
    assert client.get("/admin/").url.startswith(ASKED)


def test_a_disabled_clerks_next_request_is_refused(client):
    user = clerk("D01")
    sign_in(client, user)
    staff.disable_staff(user=user, actor=None, at=timezone.now(), reason="left")
    assert client.get("/admin/").url == "/admin/login/?next=/admin/"


def test_it_costs_one_query_a_request(client):
    sign_in(client, clerk("D01", "D02"), shop("D01"))
    with CaptureQueriesContext(connection) as asked:
        page = client.get("/admin/")
        chosen.require(page.wsgi_request)
    about = [q["sql"] for q in asked if "accounts_store" in q["sql"]]
    assert len(about) == 1


def test_other_roles_cost_none(client):
    sign_in(client, staff_member(roles.CARE_AGENT))
    with CaptureQueriesContext(connection) as asked:
        client.get("/admin/")
    assert not [q["sql"] for q in asked if "accounts_store" in q["sql"]]


def test_an_answer_sent_twice_at_once_is_one(client):
    sign_in(client, clerk("D01", "D02"))
    # both read the session before either writes
    first, second = request_of(client), request_of(client)
    for request in (first, second):
        chosen.enter(request, shop("D01"), at=timezone.now())
    assert StoreSession.objects.count() == Act.objects.filter(verb="sign_in_to_store").count() == 1
    assert chosen.current(second) == shop("D01")


def test_the_database_forbids_two_shops_in_one_sign_in(client):
    sign_in(client, clerk("D01", "D02"), shop("D01"))
    row = StoreSession.objects.get()
    row.pk, row.store = None, shop("D02")
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()

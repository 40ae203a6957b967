"""Shops are made, renamed, shut and opened again by administrators, each time with a reason."""

from datetime import UTC, datetime

import pytest

from superfamilja.accounts import roles
from superfamilja.accounts.models import Store
from superfamilja.accounts.refusals import NotAnAdministrator, StoreCodeTaken
from superfamilja.accounts.store_register import store_acts
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from tests.signing_in import shop, sign_in, staff_member

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 5, 11, 0, tzinfo=UTC)


def make(code: str, **how: object) -> Store:
    given = {"name": "Vlorë 2", "place": "Vlorë", "actor": None, "at": NOON, "reason": "new"}
    return store_acts.make_store(code=code, **given | how)


def test_a_new_shop_is_open_its_code_in_capitals_and_the_act_says_who_and_why(ada):
    made = make(" d05", actor=ada, reason="opens on Monday")
    assert (made.code, made.name, made.place, made.is_active) == ("D05", "Vlorë 2", "Vlorë", True)
    act = Act.objects.get(verb="make_store")
    assert (act.actor, act.at, act.reason) == (ada, NOON, "opens on Monday")
    assert act.details == {"store": "D05", "name": "Vlorë 2", "place": "Vlorë"}


def test_a_code_is_given_once_also_in_small_letters():
    make("D05")
    with pytest.raises(StoreCodeTaken):
        make("d05")


def test_a_renamed_shop_keeps_its_code_and_what_it_was_stands_in_the_act():
    made = make("D05")
    store_acts.rename_store(
        store=made, name="Vlorë 3", place="Vlorë", actor=None, at=NOON, reason="moved"
    )
    assert Store.objects.get(code="D05").name == "Vlorë 3"
    assert Act.objects.get(verb="rename_store").details == {
        "store": "D05",
        "before": {"name": "Vlorë 2", "place": "Vlorë"},
        "name": "Vlorë 3",
        "place": "Vlorë",
    }
    assert list(made.events.order_by("pgh_id").values_list("pgh_label", "name")) == [
        ("insert", "Vlorë 2"),
        ("update", "Vlorë 3"),
    ]


@pytest.mark.parametrize("verb", ["shut_store", "reopen_store"])
def test_each_act_demands_a_reason_and_an_administrator(verb, ada):
    act = getattr(store_acts, verb)
    with pytest.raises(ReasonMissing):
        act(store=shop(), actor=ada, at=NOON, reason=" ")
    with pytest.raises(NotAnAdministrator):
        act(store=shop(), actor=staff_member(roles.STORE_MANAGER), at=NOON, reason="mine")
    with pytest.raises(NotAnAdministrator):
        make("D07", actor=staff_member(roles.STORE_MANAGER))


def test_the_pages_of_the_administrator_make_rename_shut_and_open_a_shop(client, ada):
    sign_in(client, ada)
    said = {"name": "Vlorë 2", "place": "Vlorë", "reason": "new"}
    client.post("/admin/accounts/store/add/", {"code": "d05", **said})
    store = Store.objects.get(code="D05")
    for act, typed, then in [
        ("rename", {**said, "name": "Vlorë 3"}, ("Vlorë 3", True)),
        ("shut", {"reason": "water"}, ("Vlorë 3", False)),
        ("reopen", {"reason": "dry"}, ("Vlorë 3", True)),
    ]:
        answer = client.post(f"/admin/accounts/store/{store.pk}/act/{act}/", typed)
        assert answer.url == "/admin/accounts/store/"
        store.refresh_from_db()
        assert (store.name, store.is_active) == then
    made = Act.objects.filter(actor=ada).order_by("pk").values_list("verb", flat=True)
    assert list(made) == ["make_store", "rename_store", "shut_store", "reopen_store"]


@pytest.mark.parametrize("code", ["D 5", "D05/1", "Ç", ""])
def test_a_code_that_cannot_be_typed_by_a_scanner_is_not_taken(client, ada, code):
    page = sign_in(client, ada).post(
        "/admin/accounts/store/add/",
        {"code": code, "name": "Vlorë 2", "place": "Vlorë", "reason": "new"},
    )
    assert page.context["form"].errors["code"]


def test_an_auditor_reads_the_shops_and_changes_none(client):
    sign_in(client, staff_member(roles.AUDITOR))
    store = shop()
    page = client.get(f"/admin/accounts/store/{store.pk}/change/")
    assert page.status_code == 200
    assert page.context["acts"] == []
    assert client.get("/admin/accounts/store/add/").status_code == 403

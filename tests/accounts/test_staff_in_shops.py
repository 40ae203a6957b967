"""Staff of shops have at least one open shop; an administrator moves them."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from superfamilja.accounts import roles, staff
from superfamilja.accounts.models import Store, User
from superfamilja.accounts.refusals import (
    NotAnAdministrator,
    NotInAStore,
    NotToYourself,
    StoreMissing,
)
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from tests.accounts.administrators import confirm_last
from tests.signing_in import shop, sign_in, staff_member

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 5, 11, 0, tzinfo=UTC)


@pytest.fixture
def clerk() -> User:
    return staff_member(roles.STORE_CLERK, username="klea")


def move(user: User, stores: list[Store], **how: object) -> None:
    staff.move_staff(
        **{"user": user, "stores": stores, "actor": None, "at": NOON, "reason": "x"} | how
    )


def test_a_role_in_a_shop_needs_an_open_one(clerk):
    shut = Store.objects.create(code="D09", name="Shut", is_active=False)
    for stores in ([], [shut]):
        with pytest.raises(StoreMissing):
            move(clerk, stores)
        with pytest.raises(StoreMissing):
            staff.change_role(
                user=clerk, role="store manager", stores=stores, actor=None, at=NOON, reason="new"
            )
    assert staff.codes_of(clerk) == ["D01"]


def test_another_role_has_no_shop(clerk):
    staff.change_role(
        user=clerk, role="auditor", stores=[shop()], actor=None, at=NOON, reason="new post"
    )
    assert staff.codes_of(clerk) == []


def test_who_works_in_no_shop_is_not_moved_to_one():
    with pytest.raises(NotInAStore):
        move(staff_member(roles.AUDITOR), [shop()])


def test_a_move_says_who_when_why_from_where_and_whither(ada, clerk):
    move(clerk, [shop("D02"), shop("D03")], actor=ada, reason="opens on Monday")
    act = Act.objects.get(verb="move_staff")
    assert (act.actor, act.at, act.reason) == (ada, NOON, "opens on Monday")
    assert act.details == {
        "user": clerk.pk,
        "username": "klea",
        "before": ["D01"],
        "stores": ["D02", "D03"],
    }
    assert staff.codes_of(clerk) == ["D02", "D03"]


def test_a_move_demands_a_reason_an_administrator_and_another_person(ada, clerk):
    with pytest.raises(ReasonMissing):
        move(clerk, [shop("D02")], actor=ada, reason=" ")
    with pytest.raises(NotAnAdministrator):
        move(ada, [shop("D02")], actor=clerk)
    with pytest.raises(NotToYourself):
        move(ada, [shop("D02")], actor=ada)


def test_the_next_request_of_a_moved_person_signs_in_anew(clerk):
    client = sign_in(Client(), clerk)
    assert client.get("/admin/").status_code == 200
    move(clerk, [shop("D02")])
    assert client.get("/admin/").url == "/admin/login/?next=/admin/"


def test_an_administrator_chooses_shops_by_ticking_them(client, ada):
    first, second = shop(), shop("D02")
    sign_in(client, ada)
    client.post(
        "/admin/accounts/user/add/",
        {
            "username": "besa",
            "name": "Besa Bregu",
            "role": "store clerk",
            "mobile": "069 000 0777",
            "stores": [first.pk, second.pk],
            "reason": "new shop",
        },
    )
    besa = User.objects.get(username="besa")
    assert staff.codes_of(besa) == ["D01", "D02"]
    page = client.get(f"/admin/accounts/user/{besa.pk}/act/move/")
    assert [str(store) for store in page.context["form"]["stores"].initial] == [
        "Tirana 3 (D01)",
        "D02 (D02)",
    ]
    client.post(
        f"/admin/accounts/user/{besa.pk}/act/move/", {"stores": [second.pk], "reason": "closer"}
    )
    assert staff.codes_of(besa) == ["D02"]
    client.post(
        f"/admin/accounts/user/{besa.pk}/act/role/",
        {"role": "store manager", "stores": [first.pk], "reason": "promoted"},
    )
    # a manager approves, so it waits for another administrator
    assert staff.roles_of(besa) == ["store clerk"]
    confirm_last()
    assert (staff.roles_of(besa), staff.codes_of(besa)) == (["store manager"], ["D01"])


def test_a_role_in_a_shop_without_one_is_refused_in_words(client, ada, clerk):
    page = sign_in(client, ada).post(
        f"/admin/accounts/user/{clerk.pk}/act/move/", {"reason": "all taken"}
    )
    assert page.context["form"].non_field_errors() == [
        "Roli “punonjës dyqani” kërkon të paktën një dyqan të hapur: zgjidhni një."
    ]

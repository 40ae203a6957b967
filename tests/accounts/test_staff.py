"""The acts on staff: who may, what is recorded, what is refused."""

from datetime import UTC, datetime

import pytest

from superfamilja.accounts import roles, staff
from superfamilja.accounts.models import User
from superfamilja.accounts.refusals import (
    LastAdministrator,
    NotAnAdministrator,
    NotToYourself,
    UsernameTaken,
)
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from tests.signing_in import shop, staff_member

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 5, 11, 0, tzinfo=UTC)


@pytest.fixture
def agent() -> User:
    """Make an account that decides nothing, so that one administrator may change it."""
    return staff_member(roles.STORE_CLERK, username="alba")


def test_an_act_says_who_when_what_and_why(ada, agent):
    staff.change_role(user=agent, role="auditor", actor=ada, at=NOON, reason="new post")
    act = Act.objects.get(verb="change_role")
    assert (act.actor, act.at, act.reason) == (ada, NOON, "new post")
    assert act.details == {
        "user": agent.pk,
        "username": "alba",
        "before": ["store clerk"],
        "role": "auditor",
        "stores": [],
    }
    assert staff.roles_of(agent) == ["auditor"]


def test_create_staff_gives_one_role_and_a_temporary_password(ada):
    new = staff.create_staff(
        username="besa",
        name="Besa Bregu",
        role="store clerk",
        stores=[shop("D07")],
        actor=ada,
        at=NOON,
        reason="new shop",
    )
    assert new.user.check_password(new.temporary_password)
    assert new.user.temporary_password_until == datetime(2026, 11, 8, 11, 0, tzinfo=UTC)
    assert (new.user.is_staff, new.user.is_superuser) == (True, False)
    act = Act.objects.get(verb="create_staff")
    assert act.details["stores"] == staff.codes_of(new.user) == ["D07"]
    assert new.temporary_password not in str(act.details)


@pytest.mark.parametrize(
    "verb", ["disable_staff", "enable_staff", "give_temporary_password", "reset_second_factor"]
)
def test_every_act_demands_a_reason_an_administrator_and_another_person(verb, ada, agent):
    act = getattr(staff, verb)
    with pytest.raises(ReasonMissing):
        act(user=agent, actor=ada, at=NOON, reason=" ")
    with pytest.raises(NotAnAdministrator):
        act(user=ada, actor=agent, at=NOON, reason="why not")
    with pytest.raises(NotToYourself):
        act(user=ada, actor=ada, at=NOON, reason="why not")


def test_nobody_changes_his_own_role(ada):
    with pytest.raises(NotToYourself):
        staff.change_role(user=ada, role="auditor", actor=ada, at=NOON, reason="rest")


def test_the_last_administrator_stays(ada):
    with pytest.raises(LastAdministrator):
        staff.disable_staff(user=ada, actor=None, at=NOON, reason="error")


def test_a_username_is_never_given_twice(agent):
    with pytest.raises(UsernameTaken):
        staff.create_staff(
            username="ALBA", name="A", role="auditor", actor=None, at=NOON, reason="new"
        )

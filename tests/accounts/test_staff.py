"""The acts on staff: who may, what is recorded, what is refused; and what each role may do."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core import checks as django_checks
from django.core.management import CommandError, call_command

from superfamilja.accounts import checks, roles, staff
from superfamilja.accounts.models import User
from superfamilja.accounts.refusals import (
    LastAdministrator,
    NotAnAdministrator,
    NotToYourself,
    StoreMissing,
    UsernameTaken,
)
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from tests.signing_in import sign_in, staff_member

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 5, 11, 0, tzinfo=UTC)


@pytest.fixture
def ada() -> User:
    return staff_member(roles.ADMINISTRATOR, username="ada")


@pytest.fixture
def agent() -> User:
    return staff_member(roles.CARE_AGENT, username="alba")


def test_an_act_says_who_when_what_and_why(ada, agent):
    staff.change_role(user=agent, role="auditor", actor=ada, at=NOON, reason="new post")
    act = Act.objects.get(verb="change_role")
    assert (act.actor, act.at, act.reason) == (ada, NOON, "new post")
    assert act.details == {
        "user": agent.pk, "username": "alba", "before": ["care agent"], "role": "auditor",
        "store_code": "",
    }  # fmt: skip
    assert staff.roles_of(agent) == ["auditor"]


def test_create_staff_gives_one_role_and_a_temporary_password(ada):
    new = staff.create_staff(
        username="besa", name="Besa Bregu", role="store clerk", store_code="D07",
        actor=ada, at=NOON, reason="new shop",
    )  # fmt: skip
    assert new.user.check_password(new.temporary_password)
    assert new.user.temporary_password_until == datetime(2026, 11, 8, 11, 0, tzinfo=UTC)
    assert (new.user.is_staff, new.user.is_superuser) == (True, False)
    assert new.temporary_password not in str(Act.objects.get(verb="create_staff").details)


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


def test_a_store_role_needs_a_store(agent):
    with pytest.raises(StoreMissing):
        staff.change_role(user=agent, role="store manager", actor=None, at=NOON, reason="moved")


def test_a_username_is_never_given_twice(agent):
    with pytest.raises(UsernameTaken):
        staff.create_staff(
            username="ALBA", name="A", role="auditor", actor=None, at=NOON, reason="new"
        )


# --- roles -----------------------------------------------------------------------------------
MAY = {
    "care agent": {
        "klikon.activate_on_behalf",
        "klikon.freeze_leader",
        "billing.answer_question",
        "billing.give_credit",
        "billing.take_down_question",
    },
    "store clerk": {
        "groups.serve_groups",
        "klikon.record_declaration",
        "klikon.freeze_leader",
        "billing.take_down_question",
    },
    "store manager": {
        "groups.serve_groups",
        "klikon.record_declaration",
        "klikon.freeze_leader",
        "billing.take_down_question",
    },
    "billing reviewer": {
        "billing.answer_question",
        "billing.take_down_question",
        "billing.close_month",
        "billing.export_month",
        "billing.give_credit",
        "billing.resolve_parked",
        "billing.reverse_charge",
        "provisioning.decide_order",
    },
    "billing approver": {
        "billing.approve_month",
        "billing.export_month",
        "billing.give_credit",
        "billing.resolve_parked",
        "billing.reverse_charge",
        "provisioning.decide_order",
    },
    "auditor": set(),
    "administrator": {"accounts.add_user", "accounts.change_user"},
}


@pytest.mark.parametrize(("role", "acts"), MAY.items())
def test_what_each_role_may_do_besides_reading(role, acts):
    held = staff_member(role).get_all_permissions()
    assert {name for name in held if ".view_" not in name} == acts


def test_there_is_no_other_role():
    assert set(roles.PERMISSIONS) == set(MAY)


def test_a_store_clerk_reads_no_money_but_what_a_question_is_about_and_no_trail():
    held = staff_member(roles.STORE_CLERK).get_all_permissions()
    assert {name for name in held if name.startswith(("billing.", "audit.", "accounts."))} == {
        "billing.take_down_question", "billing.view_dispute",
    }  # fmt: skip


# --- the admin's pages -----------------------------------------------------------------------
def test_an_administrator_creates_staff_in_the_admin_and_is_told_the_password(client, ada):
    typed = {
        "username": "besa", "name": "Besa Bregu", "role": "auditor", "store_code": "",
        "reason": "new post",
    }  # fmt: skip
    page = sign_in(client, ada).post("/admin/accounts/user/add/", typed)
    password = page.context["password"]
    assert User.objects.get(username="besa").check_password(password)
    assert Act.objects.get(verb="create_staff").actor == ada


def test_an_administrator_cannot_act_on_himself_in_the_admin(client, ada):
    answer = sign_in(client, ada).post(
        f"/admin/accounts/user/{ada.pk}/act/role/", {"role": "auditor", "reason": "rest"}
    )
    assert answer.context["form"].non_field_errors()
    assert staff.roles_of(ada) == ["administrator"]


def test_an_auditor_sees_staff_and_changes_none(client, agent):
    sign_in(client, staff_member(roles.AUDITOR))
    assert client.get(f"/admin/accounts/user/{agent.pk}/change/").status_code == 200
    assert client.get("/admin/accounts/user/add/").status_code == 403
    assert client.post(f"/admin/accounts/user/{agent.pk}/act/disable/", {}).status_code == 403


# --- the demonstration -----------------------------------------------------------------------
def test_demonstration_staff_are_one_for_each_role_however_often_they_are_made():
    made = staff.create_demonstration_staff()
    assert staff.create_demonstration_staff() == made
    assert [username for username, _role, _password in made] == [
        "agjenti", "kleriku", "menaxheri", "shqyrtuesi", "miratuesi", "auditori", "administratori",
    ]  # fmt: skip
    assert User.objects.filter(is_staff=True).count() == 7


def test_staff_code_tells_the_code_of_a_demonstration_account_only():
    staff.create_demonstration_staff()
    out = StringIO()
    call_command("staff_code", "agjenti", stdout=out)
    assert len(out.getvalue().strip()) == 6
    with pytest.raises(CommandError):
        call_command("staff_code", "somebody")


def test_in_production_no_code_is_told(settings):
    staff.create_demonstration_staff()
    settings.DEMONSTRATION = False
    with pytest.raises(CommandError):
        call_command("staff_code", "agjenti")


def test_the_system_check_stops_demonstration_codes_in_production(settings):
    settings.MODE = "production"
    assert [error.id for error in checks.codes_are_secret_in_production()] == ["accounts.E001"]
    assert checks.codes_are_secret_in_production in django_checks.registry.registry.get_checks()


def test_the_system_check_finds_demonstration_accounts_in_production(settings):
    staff.create_demonstration_staff()
    settings.MODE = "production"
    found = checks.no_demonstration_people_in_production(databases=["default"])
    assert [error.id for error in found] == ["accounts.E002"]

"""The administrator's pages about staff."""

import pytest

from superfamilja.accounts import roles, staff
from superfamilja.accounts.models import User
from superfamilja.audit.models import Act
from tests.signing_in import sign_in, staff_member

pytestmark = pytest.mark.django_db


def test_an_administrator_creates_staff_in_the_admin_and_is_told_the_password(client, ada):
    typed = {"username": "besa", "name": "Besa Bregu", "role": "auditor", "reason": "new post"}
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


def test_an_auditor_sees_staff_and_changes_none(client):
    agent = staff_member(roles.CARE_AGENT)
    sign_in(client, staff_member(roles.AUDITOR))
    assert client.get(f"/admin/accounts/user/{agent.pk}/change/").status_code == 200
    assert client.get("/admin/accounts/user/add/").status_code == 403
    assert client.post(f"/admin/accounts/user/{agent.pk}/act/disable/", {}).status_code == 403

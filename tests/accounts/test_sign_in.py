"""Staff sign in with a password and a second factor, and with nothing less."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import get_resolver

from superfamilja.accounts import demonstration, roles, staff
from superfamilja.accounts.models import User
from superfamilja.audit.models import Act
from tests.accounts import demonstration_people
from tests.signing_in import shop, sign_in, staff_member

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 5, 11, 0, 10, tzinfo=UTC)
PASSWORD = "demonstrim-klik-on"


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def agent(clock) -> User:
    return demonstration_people.made("agjenti")


def give_password(
    client: Client, password: str = PASSWORD, username: str = "agjenti", ip="10.0.0.1"
):
    return client.post("/staff/sign-in/", {"login": username, "password": password}, REMOTE_ADDR=ip)


def give_code(client: Client, code: str | None = None):
    return client.post(
        "/staff/sign-in/code/", {"code": code or demonstration.current_code("agjenti")}
    )


def test_password_and_code_open_the_admin(client, agent):
    assert give_password(client).url == "/staff/sign-in/code/"
    assert give_code(client).url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_the_password_alone_opens_nothing(client, agent):
    give_password(client)
    assert client.get("/admin/").url == "/admin/login/?next=/admin/"
    asked_for = "/staff/sign-in/?next=%2Fadmin%2Fmonths%2F"
    assert client.get("/admin/login/?next=/admin/months/").url == asked_for


def test_whoever_asked_for_nothing_in_particular_begins_on_his_own_page(client, agent):
    assert client.get("/admin/login/?next=/admin/").url == "/staff/sign-in/"


def test_staff_of_a_shop_begin_at_its_desk(client, agent):
    staff.change_role(
        user=agent, role=roles.STORE_CLERK, stores=[shop()], actor=None, at=NOON, reason="moved"
    )
    give_password(client)
    assert give_code(client).url == "/desk/"
    assert client.get("/desk/").status_code == 200


def test_a_wrong_code_opens_nothing_and_keeps_what_was_typed(client, agent):
    give_password(client)
    answer = give_code(client, "000000")
    assert answer.status_code == 200
    assert 'value="000000"' in answer.content.decode()
    assert client.get("/admin/").status_code == 302


def test_from_the_code_one_can_go_back_and_sign_in_as_another(client, agent):
    give_password(client)
    assert client.post("/staff/sign-out/").url == "/staff/sign-in/"
    assert client.get("/staff/sign-in/").status_code == 200


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(client, agent):
    wrong = give_password(client, password="wrong").context["form"].errors
    unknown = give_password(client, username="nobody").context["form"].errors
    assert wrong == unknown


def test_a_code_is_right_once_even_a_minute_later(client, agent, clock):
    code = demonstration.current_code("agjenti")
    give_password(client)
    assert give_code(client, code).url == "/admin/"
    clock.shift(31)  # the next period, in which allauth alone would accept it again
    other = Client()
    give_password(other)
    assert give_code(other, code).status_code == 200
    assert other.get("/admin/").status_code == 302


def test_a_recovery_code_is_a_second_factor_once(client, agent):
    code = RecoveryCodes.activate(agent).get_unused_codes()[0]
    give_password(client)
    assert give_code(client, code).url == "/admin/"
    other = Client()
    give_password(other)
    assert give_code(other, code).status_code == 200


def test_the_session_key_changes_at_sign_in(client, agent):
    give_password(client)
    before = client.cookies["sessionid"].value
    give_code(client)
    assert client.cookies["sessionid"].value != before


def test_fifteen_idle_minutes_end_the_session(client, agent, clock):
    sign_in(client, agent)
    clock.shift(timedelta(minutes=14, seconds=59))
    assert client.get("/admin/").status_code == 200
    clock.shift(timedelta(minutes=15))
    assert client.get("/admin/").url == "/staff/sign-in/"


@pytest.mark.full
def test_ten_hours_end_the_session_however_busy(client, agent, clock):
    sign_in(client, agent)
    for _ in range(59):
        clock.shift(timedelta(minutes=10))
        assert client.get("/admin/").status_code == 200
    clock.shift(timedelta(minutes=10))
    assert client.get("/admin/").url == "/staff/sign-in/"


def test_a_disabled_persons_next_request_is_refused(client, agent, clock):
    sign_in(client, agent)
    staff.disable_staff(user=agent, actor=None, at=NOON, reason="left the company")
    assert client.get("/admin/").status_code == 302
    assert give_password(Client()).status_code == 200


def test_sign_out_everywhere_ends_the_other_session(client, agent):
    other = Client()
    sign_in(other, agent)
    sign_in(client, agent)
    assert client.post("/staff/sign-out/everywhere/").url == "/staff/sign-in/"
    assert other.get("/admin/").status_code == 302
    assert Act.objects.filter(verb="sign_out_everywhere", actor=agent).count() == 1


def test_without_a_second_factor_only_setting_it_up_is_open(client, clock):
    user = staff_member(roles.AUDITOR, username="fillestari", password="njëfjalëkalim1")
    assert give_password(client, "njëfjalëkalim1", "fillestari").url == "/admin/"
    assert client.get("/admin/").url == "/staff/second-factor/"
    page = client.get("/staff/second-factor/").content.decode()
    assert "data:image/svg+xml;base64," in page
    assert client.get("/staff/recovery-codes/").url == "/staff/second-factor/"
    assert client.get("/staff/password/").url == "/staff/second-factor/"
    assert not Authenticator.objects.filter(user=user).exists()


def test_setting_up_the_second_factor_opens_the_session_and_shows_recovery_codes_once(
    client, clock
):
    staff_member(roles.AUDITOR, username="fillestari", password="njëfjalëkalim1")
    give_password(client, "njëfjalëkalim1", "fillestari")
    client.get("/staff/second-factor/")
    secret = client.session["mfa.totp.secret"]
    code = format_hotp_value(hotp_value(secret, int(NOON.timestamp()) // 30))
    assert client.post("/staff/second-factor/", {"code": code}).url == "/staff/recovery-codes/"
    assert len(client.get("/staff/recovery-codes/").context["unused_codes"]) == 10
    assert client.get("/staff/recovery-codes/").context["can_view_codes"] is False
    assert client.get("/admin/").status_code == 200
    assert secret not in str(Authenticator.objects.get(type="totp").data)


def test_a_session_without_second_factor_of_a_person_who_has_one_is_ended(client, agent):
    client.force_login(agent)
    assert client.get("/admin/").url == "/staff/sign-in/"
    assert "_auth_user_id" not in client.session


def test_a_temporary_password_must_be_changed_first(client, agent, clock):
    password = staff.give_temporary_password(user=agent, actor=None, at=NOON, reason="forgotten")
    give_password(client, password)
    give_code(client)
    assert client.get("/admin/").url == "/staff/password/"
    typed = {"oldpassword": password, "password1": "Mal-i-bardhe-7", "password2": "Mal-i-bardhe-7"}
    assert client.post("/staff/password/", typed).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_a_temporary_password_dies_after_72_hours(client, agent, clock):
    password = staff.give_temporary_password(user=agent, actor=None, at=NOON, reason="forgotten")
    clock.shift(timedelta(hours=72, seconds=1))
    assert give_password(client, password).status_code == 200


def test_no_admin_page_is_reachable_without_a_second_factor(client, clock):
    user = staff_member(roles.ADMINISTRATOR)
    client.force_login(user)
    addresses = list(admin_addresses())
    assert len(addresses) > 10
    for address in addresses:
        assert client.get(address).url == "/staff/second-factor/", address


def test_pages_of_allauth_that_staff_do_not_need_are_not_mounted(client):
    for page in ("signup", "password/reset", "email", "mfa", "login/code"):
        assert client.get(f"/staff/{page}/").status_code == 404


def test_the_policy_holds_on_the_pages_of_signing_in(client, agent):
    for answer in (
        client.get("/staff/sign-in/"),
        (give_password(client), give_code(client, "1"))[1],
    ):
        page = answer.content.decode()
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "<script" not in page
        assert "style=" not in page
        assert "<style" not in page


def test_browsers_may_name_our_own_origin_when_they_send_our_forms(client):
    # With "no-referrer" browsers send `Origin: null`, and the CSRF check refuses every form.
    assert client.get("/staff/sign-in/").headers["Referrer-Policy"] == "same-origin"


def admin_addresses():
    """Return every address below admin/ with its arguments filled in, without login and logout."""
    names = get_resolver().reverse_dict  # loads the addresses
    assert names is not None
    for pattern in get_resolver().url_patterns:
        if str(pattern.pattern) == "admin/":
            for inner in pattern.url_patterns:
                yield from below("/admin/", inner)


def below(start, pattern):
    here = re.sub(r"<[^>]+>", "1", str(pattern.pattern))
    if any(ch in here for ch in "^$(") or here in {"logout/", "login/"}:
        return
    if hasattr(pattern, "url_patterns"):
        for inner in pattern.url_patterns:
            yield from below(start + here, inner)
    else:
        yield start + here

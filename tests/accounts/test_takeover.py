"""One person tries to act as two, step by step; each step shows where it is refused now (R35)."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing.models import BillMonth
from billing.month import closing
from superfamilja.accounts import demonstration, roles, staff
from superfamilja.accounts.models import AccountRequest, User
from superfamilja.accounts.second_person.holding import AccountHeld
from superfamilja.messages.models import OutgoingMessage
from tests.accounts import demonstration_people
from tests.accounts.administrators import deciding
from tests.signing_in import sign_in, staff_member
from tests.staff import months

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 5, 11, 0, 10, tzinfo=UTC)
STAFF = "/admin/accounts/user"


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def approver(clock) -> User:
    """Make Mirjeta, who approves months, with her own password and second factor."""
    return demonstration_people.made("miratuesi", "administratori", "administratori2")


@pytest.fixture
def thief(approver) -> Client:
    """Make the administrator who tries to act as two."""
    return sign_in(Client(), User.objects.get(username="administratori"))


@pytest.fixture
def honest(approver) -> Client:
    return sign_in(Client(), User.objects.get(username="administratori2"))


def act(client: Client, user: User, slug: str, **typed: object):
    return client.post(f"{STAFF}/{user.pk}/act/{slug}/", {"reason": "phone lost", **typed})


def half_on(page) -> str:
    return str(page.context["half"])


def confirm(client: Client, request: AccountRequest):
    return client.post(f"/admin/account-requests/{request.pk}/", {"step": "confirm"})


def newest() -> AccountRequest:
    return AccountRequest.objects.latest("pk")


def test_alone_the_takeover_gets_nowhere_and_its_owner_hears_of_it(thief, approver):
    password = approver.password
    act(thief, approver, "second-factor")
    forgetting = newest()
    half = half_on(act(thief, approver, "password"))
    setting = newest()
    for request in (forgetting, setting):
        page = confirm(thief, request)
        assert "Këtë e kërkuat vetë" in page.content.decode()
    approver.refresh_from_db()
    assert approver.password == password
    assert Authenticator.objects.filter(user=approver).exists()
    assert not approver.check_password(half)
    told = OutgoingMessage.objects.filter(recipient=approver.mobile)
    assert [sms.template for sms in told] == ["account_asked", "account_asked"]


def test_an_approver_of_his_own_is_not_made_alone(thief):
    thief.post(
        f"{STAFF}/add/",
        {
            "username": "fantazma",
            "name": "F F",
            "mobile": "069 123 0000",
            "role": "billing approver",
            "reason": "new post",
        },
    )
    assert not User.objects.filter(username="fantazma").exists()
    confirm(thief, newest())
    assert not User.objects.filter(username="fantazma").exists()


def test_nor_made_as_something_harmless_and_raised_later(thief):
    thief.post(
        f"{STAFF}/add/",
        {
            "username": "fantazma",
            "name": "F F",
            "mobile": "069 123 0000",
            "role": "auditor",
            "reason": "new post",
        },
    )
    ghost = User.objects.get(username="fantazma")
    act(thief, ghost, "role", role="billing approver")
    confirm(thief, newest())
    assert staff.roles_of(ghost) == ["auditor"]


def test_nor_does_he_make_himself_one(thief):
    me = User.objects.get(username="administratori")
    act(thief, me, "role", role="billing approver")
    assert staff.roles_of(me) == ["administrator"]
    assert not AccountRequest.objects.exists()


def test_the_honest_way_takes_two_people_and_four_pages(thief, honest, approver, clock):
    first = half_on(act(thief, approver, "password"))  # 1: asked
    assert "1 ndryshim llogarie" in honest.get("/admin/").content.decode()
    request = newest()
    page = honest.get(f"/admin/account-requests/{request.pk}/")  # 2: seen
    assert "Mirjeta Miratuesi (miratuesi)" in page.content.decode()
    assert "phone lost" in page.content.decode()
    second = half_on(confirm(honest, request))  # 3: confirmed
    client = Client()
    client.post("/staff/sign-in/", {"login": "miratuesi", "password": f"{first}-{second}"})
    client.post("/staff/sign-in/code/", {"code": demonstration.current_code("miratuesi")})
    new = {
        "oldpassword": f"{first}-{second}",
        "password1": "dritare-e-re-77x",
        "password2": "dritare-e-re-77x",
    }
    client.post("/staff/password/", new)  # 4: her own password
    assert client.get("/admin/").url == "/staff/account-notices/"
    notice = client.get("/staff/account-notices/").content.decode()
    assert "Ada Administratori" in notice
    assert "Arben Administratori" in notice
    assert client.post("/staff/account-notices/").url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_while_it_is_held_the_account_reads_and_approves_nothing(thief, honest, approver, clock):
    closed = months.closed()
    act(thief, approver, "second-factor")
    confirm(honest, newest())
    approver.refresh_from_db()
    with pytest.raises(AccountHeld):
        closing.approve_month(month=closed.month, at=NOON, actor=approver)
    assert BillMonth.objects.get(month=closed.month).approved_at is None
    day_after = NOON + timedelta(hours=24, seconds=1)
    closing.approve_month(month=closed.month, at=day_after, actor=approver)
    assert BillMonth.objects.get(month=closed.month).approved_by == approver


def test_the_thief_cannot_read_the_owners_notice_away(thief, honest, approver, clock):
    act(thief, approver, "second-factor")
    confirm(honest, newest())
    approver.refresh_from_db()
    stolen, own = Client(), Client()
    sign_in(stolen, approver)
    stolen.post("/staff/account-notices/")
    assert stolen.get("/admin/").status_code == 200
    sign_in(own, approver)
    assert own.get("/admin/").url == "/staff/account-notices/"
    assert "Ada Administratori" in own.get("/staff/account-notices/").content.decode()


def test_the_owner_shuts_the_account_from_the_notice(thief, honest, approver):
    act(thief, approver, "second-factor")
    confirm(honest, newest())
    approver.refresh_from_db()
    own = sign_in(Client(), approver)
    own.post("/staff/account-notices/", {"shut": "1"})
    approver.refresh_from_db()
    assert not approver.is_active
    assert own.get("/admin/").status_code == 302


def test_a_session_of_before_is_dead(thief, honest, approver):
    session = sign_in(Client(), approver)
    act(thief, approver, "password")
    assert session.get("/admin/").status_code == 200  # only asked for so far
    confirm(honest, newest())
    assert session.get("/admin/").url == "/admin/login/?next=/admin/"


@pytest.mark.parametrize(
    "address",
    [
        "/admin/auth/group/",
        "/admin/auth/group/add/",
        "/admin/mfa/authenticator/",
        "/admin/accounts/user/1/password/",
        "/admin/accounts/user/1/delete/",
        "/admin/accounts/accountrequest/",
        "/admin/password_change/",
        "/staff/password/reset/",
        "/accounts/password/reset/",
        "/accounts/2fa/",
        "/accounts/signup/",
        "/staff/sign-up/",
    ],
)
def test_no_page_of_a_library_is_a_way_round(thief, address):
    assert thief.get(address).status_code == 404


def test_what_was_typed_stays_when_it_is_asked_twice(thief, approver):
    act(thief, approver, "password")
    page = act(thief, approver, "password")
    assert "phone lost" in page.content.decode()
    assert "E njëjta gjë është kërkuar" in page.content.decode()


def test_the_way_back_from_a_request_is_a_withdrawal_with_a_reason(thief, approver):
    act(thief, approver, "password")
    end = f"/admin/account-requests/{newest().pk}/end/"
    assert thief.post(end, {"step": "confirm", "reason": ""}).status_code == 200
    thief.post(end, {"step": "confirm", "reason": "found the phone"})
    assert newest().outcome == "withdrawn"


def test_a_stranger_to_administration_sees_no_request(thief, approver):
    act(thief, approver, "password")
    client = sign_in(Client(), staff_member(roles.AUDITOR))
    assert client.get("/admin/account-requests/").status_code == 403
    assert confirm(client, newest()).status_code == 403


def test_the_list_of_requests_costs_the_same_for_more(thief):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            thief.get("/admin/account-requests/")
        return len(asked)

    act(thief, deciding(), "password")
    few = queries()
    for _ in range(3):
        act(thief, deciding(), "password")
    assert queries() == few

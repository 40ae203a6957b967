"""R35: accounts that approve, credit or administer are changed by two administrators."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction

from superfamilja.accounts import demonstration, roles, staff
from superfamilja.accounts.models import AccountAct, AccountNotice, AccountRequest, User
from superfamilja.accounts.refusals import (
    AboutYourself,
    AccountChangedSince,
    AskedAlready,
    AskerGone,
    MobileMissing,
    MobileTaken,
    NotAnAdministrator,
    RequestOver,
    SecondAdministratorNeeded,
    WayInOpenedByThem,
    YourOwnRequest,
)
from superfamilja.accounts.requests import account_requests
from superfamilja.accounts.second_person import powers
from superfamilja.accounts.second_person.holding import AccountHeld
from superfamilja.audit.models import Act
from superfamilja.messages.models import OutgoingMessage
from tests.accounts.administrators import administrator, ask, deciding
from tests.signing_in import shop, staff_member

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 5, 11, 0, tzinfo=UTC)
ALONE = ["enable_staff", "give_temporary_password", "reset_second_factor"]


@pytest.fixture
def approver() -> User:
    return deciding(username="miri")


@pytest.fixture
def ben() -> User:
    return administrator("ben")


def confirm(request: AccountRequest, actor: User, at: datetime = NOON):
    return account_requests.confirm(request=request, actor=actor, at=at)


def test_the_roles_that_decide_are_those_that_approve_credit_or_administer():
    assert {role for role in roles.PERMISSIONS if roles.role_decides(role)} == {
        "care agent",
        "store manager",
        "billing reviewer",
        "billing approver",
        "administrator",
    }


def test_a_permission_nobody_thought_of_decides():
    assert roles.is_decision("klikon.accept_restored_order")
    assert not roles.is_decision("klikon.view_package")
    assert not roles.is_decision("groups.serve_groups")


@pytest.mark.parametrize("role", ["billing approver", "administrator", "care agent"])
@pytest.mark.parametrize("verb", ALONE)
def test_no_administrator_does_it_alone(verb, role, ada):
    with pytest.raises(SecondAdministratorNeeded):
        getattr(staff, verb)(user=deciding(role), actor=ada, at=NOON, reason="lost")


def test_nobody_makes_such_an_account_alone(ada):
    with pytest.raises(SecondAdministratorNeeded):
        staff.create_staff(
            username="x", name="X", role="billing approver", actor=ada, at=NOON, reason="new"
        )
    clerk = staff_member(roles.STORE_CLERK)
    with pytest.raises(SecondAdministratorNeeded):
        staff.change_role(user=clerk, role="administrator", actor=ada, at=NOON, reason="new")


def test_nobody_makes_it_harmless_first_and_resets_it_then(ada, approver):
    with pytest.raises(SecondAdministratorNeeded):
        staff.change_role(user=approver, role="auditor", actor=ada, at=NOON, reason="rest")


def test_one_administrator_disables_it_at_once(ada, approver):
    staff.disable_staff(user=approver, actor=ada, at=NOON, reason="left")
    approver.refresh_from_db()
    assert not approver.is_active
    assert powers.decides(approver)  # so enabling the account needs two administrators


def test_asking_changes_nothing_and_tells_the_owner(ada, approver):
    before = approver.password
    half = ask(approver, by=ada, at=NOON).half
    approver.refresh_from_db()
    assert (approver.password, approver.held_until) == (before, None)
    sent = OutgoingMessage.objects.get()
    assert (sent.recipient, sent.template) == (approver.mobile, "account_asked")
    assert half not in str(Act.objects.get(verb="ask_account_act").details)


def test_the_password_is_in_two_halves_and_neither_administrator_has_both(ada, ben, approver):
    asked = ask(approver, by=ada, at=NOON)
    confirmed = confirm(asked.request, ben)
    approver.refresh_from_db()
    assert approver.check_password(f"{asked.half}-{confirmed.half}")
    assert not approver.check_password(asked.half)
    assert confirmed.request.sealed_half == ""


def test_a_confirmed_act_ends_sessions_holds_for_a_day_and_is_told(ada, ben, approver):
    Authenticator.objects.create(user=approver, type="totp", data={"secret": "x"})
    request = ask(approver, AccountAct.SECOND_FACTOR, by=ada, at=NOON).request
    confirm(request, ben)
    sign_outs = approver.sign_outs
    approver.refresh_from_db()
    assert approver.sign_outs == sign_outs + 1
    assert approver.held_until == datetime(2026, 11, 6, 11, 0, tzinfo=UTC)
    assert not Authenticator.objects.filter(user=approver).exists()
    told = AccountNotice.objects.get(user=approver)
    assert (told.verb, told.asked_by, told.confirmed_by) == ("reset_second_factor", "ada", "ben")
    assert OutgoingMessage.objects.filter(template="account_changed").count() == 1
    act = Act.objects.get(verb="reset_second_factor")
    assert (act.actor, act.details["asked_by"], act.reason) == (ben, "ada", "lost")


def test_the_asker_the_owner_and_others_confirm_nothing(ada, ben):
    request = ask(ben, by=ada, at=NOON).request
    for actor, refusal in [
        (ada, YourOwnRequest),
        (ben, AboutYourself),
        (staff_member(roles.AUDITOR), NotAnAdministrator),
    ]:
        with pytest.raises(refusal):
            confirm(request, actor)


def test_an_account_that_was_made_today_confirms_nothing(ada, ben, approver):
    new = account_requests.ask(
        act=AccountAct.CREATE,
        actor=ada,
        at=NOON,
        reason="new",
        username="zana",
        name="Zana Z",
        role="administrator",
        stores=[],
        mobile="+355691230000",
    )
    zana = confirm(new.request, ben).request.subject
    request = ask(approver, by=ben, at=NOON).request
    with pytest.raises(AccountHeld):
        confirm(request, zana, NOON + timedelta(hours=23, minutes=59))


@pytest.mark.parametrize("part", ["asked", "confirmed"])
def test_whoever_opened_an_account_is_not_confirmed_by_it_for_a_week(ada, ben, approver, part):
    new = account_requests.ask(
        act=AccountAct.CREATE,
        actor=ada,
        at=NOON,
        reason="new",
        username="zana",
        name="Zana Z",
        role="administrator",
        stores=[],
        mobile="+355691230000",
    )
    zana = confirm(new.request, ben).request.subject
    opener = ada if part == "asked" else ben
    days = NOON + timedelta(days=6)
    request = ask(approver, by=opener, at=days).request
    with pytest.raises(WayInOpenedByThem):
        confirm(request, zana, days)
    confirm(request, zana, NOON + timedelta(days=7, minutes=1))


def test_a_held_administrator_asks_for_nothing_and_disables_nobody(ada, ben, approver):
    User.objects.filter(pk=ada.pk).update(held_until=NOON + timedelta(hours=1))
    with pytest.raises(AccountHeld):
        ask(approver, by=ada, at=NOON)
    with pytest.raises(AccountHeld):
        staff.disable_staff(user=ben, actor=ada, at=NOON, reason="why not")


def test_a_request_of_somebody_who_administers_no_more_is_not_confirmed(ada, ben, approver):
    request = ask(approver, by=ada, at=NOON).request
    staff.disable_staff(user=ada, actor=ben, at=NOON, reason="suspicious")
    with pytest.raises(AskerGone):
        confirm(request, ben)


def test_an_account_that_changed_since_is_not_changed_blindly(ada, ben, approver):
    request = ask(approver, by=ada, at=NOON).request
    staff.disable_staff(user=approver, actor=ben, at=NOON, reason="left")
    with pytest.raises(AccountChangedSince):
        confirm(request, ben)


def test_a_request_expires_after_a_week_and_makes_room(ada, ben, approver):
    request = ask(approver, by=ada, at=NOON).request
    with pytest.raises(AskedAlready):
        ask(approver, by=ada, at=NOON)
    week = NOON + timedelta(days=7)
    with pytest.raises(RequestOver):
        confirm(request, ben, week)
    ask(approver, by=ada, at=week)
    request.refresh_from_db()
    assert (request.outcome, request.sealed_half) == ("expired", "")


def test_it_is_withdrawn_declined_or_stopped_by_the_account_s_owner(ada, ben, approver):
    for actor, outcome in [(ada, "withdrawn"), (ben, "declined"), (approver, "declined")]:
        request = ask(approver, by=ada, at=NOON).request
        account_requests.withdraw(request=request, actor=actor, at=NOON, reason="no")
        request.refresh_from_db()
        assert (request.outcome, request.ended_by) == (outcome, actor)
        with pytest.raises(RequestOver):
            confirm(request, ben)


def test_an_account_begins_to_decide_with_a_new_way_in(ada, ben):
    """The person who made a clerk's account alone must not know an approver's password later."""
    clerk = staff_member(roles.STORE_CLERK, username="klea", mobile="+355691230001")
    known = staff.give_temporary_password(user=clerk, actor=ada, at=NOON, reason="first")
    Authenticator.objects.create(user=clerk, type="totp", data={"secret": "x"})
    asked = ask(clerk, AccountAct.ROLE, by=ada, at=NOON, role="billing approver", stores=[])
    half = confirm(asked.request, ben).half
    clerk.refresh_from_db()
    assert staff.roles_of(clerk) == ["billing approver"]
    assert not clerk.check_password(known)
    assert clerk.check_password(f"{asked.half}-{half}")
    assert not Authenticator.objects.filter(user=clerk).exists()


def test_such_an_account_has_a_number_of_its_own_owner(ada, approver):
    with pytest.raises(MobileMissing):
        ask(
            staff_member(roles.AUDITOR),
            AccountAct.ROLE,
            by=ada,
            at=NOON,
            role="billing approver",
            stores=[],
        )
    with pytest.raises(MobileTaken):
        ask(deciding(), AccountAct.CONTACT, by=ada, at=NOON, mobile=approver.mobile)


def test_another_number_is_told_on_the_one_before_too(ada, ben, approver):
    before = approver.mobile
    asked = ask(approver, AccountAct.CONTACT, by=ada, at=NOON, mobile="+355691230009")
    confirm(asked.request, ben)
    changed = OutgoingMessage.objects.filter(template="account_changed")
    assert {sms.recipient for sms in changed} == {before, "+355691230009"}


def test_a_manager_moves_to_another_shop_by_two(ada, ben):
    manager = deciding(roles.STORE_MANAGER)
    with pytest.raises(SecondAdministratorNeeded):
        staff.move_staff(user=manager, stores=[shop("D02")], actor=ada, at=NOON, reason="x")
    asked = ask(manager, AccountAct.MOVE, by=ada, at=NOON, stores=[shop("D02")])
    confirm(asked.request, ben)
    assert staff.codes_of(manager) == ["D02"]


@pytest.mark.parametrize("who", ["asked_by_id", "subject_id"])
def test_the_database_lets_nobody_confirm_their_own(ada, ben, who):
    request = ask(ben, by=ada, at=NOON).request
    rows = AccountRequest.objects.filter(pk=request.pk)
    own = getattr(request, who)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(outcome="confirmed", ended_by=own, ended_at=NOON, sealed_half="")


def test_the_database_lets_no_held_account_confirm(ada, ben, approver):
    rows = AccountRequest.objects.filter(pk=ask(approver, by=ada, at=NOON).request.pk)
    User.objects.filter(pk=ben.pk).update(held_until=NOON + timedelta(hours=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(outcome="confirmed", ended_by=ben, ended_at=NOON, sealed_half="")
    rows.update(outcome="declined", ended_by=ben, ended_at=NOON, sealed_half="")


def test_no_flag_and_no_permission_of_ones_own_says_more_than_the_role(approver):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=approver.pk).update(is_superuser=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        approver.user_permissions.set([approver.groups.get().permissions.first()])


def test_the_demonstration_has_two_administrators_who_are_held_by_nothing():
    demonstration.create_staff()
    both = User.objects.filter(groups__name="administrator")
    assert sorted(both.values_list("username", "held_until")) == [
        ("administratori", None),
        ("administratori2", None),
    ]


def test_a_row_that_was_read_before_the_act_is_not_saved_after_it(ada, ben, approver):
    """A password change that began before would otherwise bring the old, unheld sessions back."""
    confirm(ask(approver, by=ada, at=NOON).request, ben)
    approver.set_password("of-the-thief")
    with pytest.raises(IntegrityError, match="stale"), transaction.atomic():
        approver.save()
    assert not User.objects.get(pk=approver.pk).check_password("of-the-thief")


@pytest.mark.parametrize("part", ["asked", "confirmed"])
def test_nor_does_it_ask_for_what_they_confirm(ada, ben, approver, part):
    new = account_requests.ask(
        act=AccountAct.CREATE,
        actor=ada,
        at=NOON,
        reason="new",
        username="zana",
        name="Zana Z",
        role="administrator",
        stores=[],
        mobile="+355691230000",
    )
    zana = confirm(new.request, ben).request.subject
    opener = ada if part == "asked" else ben
    days = NOON + timedelta(days=6)
    request = ask(approver, by=zana, at=days).request
    with pytest.raises(WayInOpenedByThem):
        confirm(request, opener, days)
    confirm(request, opener, NOON + timedelta(days=7, minutes=1))

"""Two administrators at the same request, and an approval beside the act on its account (R35)."""

from collections.abc import Callable
from datetime import date
from functools import partial
from unittest import mock

import pytest
from django.db.models import QuerySet

from billing.models import BillMonth
from billing.month import closing
from superfamilja.accounts import roles, staff
from superfamilja.accounts.models import AccountRequest, User
from superfamilja.accounts.requests import account_requests
from superfamilja.accounts.second_person import holding
from superfamilja.audit.models import Act
from tests.accounts.administrators import administrator, ask, deciding
from tests.concurrency.racing import DONE, interrupted_by, meeting_before, race, without
from tests.factories import at
from tests.signing_in import staff_member

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-11-20 10:00")
UNLOCKED = mock.patch.object(QuerySet, "select_for_update", lambda self, **_how: self.all())
DOING = "superfamilja.accounts.staff_changes.set_password"
ENDING = "superfamilja.accounts.requests.account_requests._end"


@pytest.fixture
def request_() -> AccountRequest:
    return ask(deciding(), at=NOW).request


def confirming(request: AccountRequest) -> Callable[[], object]:
    return partial(account_requests.confirm, request=request, actor=administrator(), at=NOW)


def done_to(request: AccountRequest) -> int:
    acts = Act.objects.filter(verb="give_temporary_password")
    return acts.filter(details__user=request.subject_id).count()


def test_two_confirm_at_once_and_it_is_done_once(request_: AccountRequest) -> None:
    with meeting_before(DOING):
        ended = race(confirming(request_), confirming(request_))
    assert ended == {DONE: 1, "account_request_over": 1}
    assert done_to(request_) == 1


def test_control_without_the_lock_only_the_trigger_stops_the_second(
    request_: AccountRequest,
) -> None:
    with UNLOCKED, meeting_before(DOING):
        ended = race(confirming(request_), confirming(request_))
    assert ended == {DONE: 1, "IntegrityError": 1}


def withdrawing(request: AccountRequest) -> Callable[[], object]:
    return partial(
        account_requests.withdraw, request=request, actor=request.asked_by, at=NOW, reason="found"
    )


def test_confirmed_or_withdrawn_and_never_both(request_: AccountRequest) -> None:
    with meeting_before(ENDING):
        ended = race(confirming(request_), withdrawing(request_))
    assert ended == {DONE: 1, "account_request_over": 1}
    request_.refresh_from_db()
    assert done_to(request_) == (request_.outcome == "confirmed")


def test_administrators_who_act_on_each_other_do_not_deadlock() -> None:
    first, second, third = (deciding(roles.ADMINISTRATOR) for _ in range(3))
    about_first, about_second = (ask(who, by=third, at=NOW).request for who in (first, second))
    with meeting_before("superfamilja.accounts.requests.account_requests._require_another"):
        ended = race(
            partial(account_requests.confirm, request=about_second, actor=first, at=NOW),
            partial(account_requests.confirm, request=about_first, actor=second, at=NOW),
        )
    # The first one holds the other's account, which then may not confirm.
    assert ended == {DONE: 1, "account_held": 1}


def a_closed_month(month: date) -> User:
    """Make a month closed by another person, and the person who may approve it."""
    closing.close_month(
        month=month, at=NOW, actor=staff_member(roles.BILLING_REVIEWER), reason="over"
    )
    return deciding()


def approving(month: date, approver: User) -> Callable[[], object]:
    return partial(closing.approve_month, month=month, at=NOW, actor=approver)


def test_an_approval_that_began_waits_out_nobody_and_a_later_one_is_held() -> None:
    """An approval that comes during the act on the account waits, and is then refused."""
    month = date(2019, 5, 1)
    approver = a_closed_month(month)
    request = ask(approver, at=NOW).request
    with interrupted_by(approving(month, approver), ENDING) as approval:
        account_requests.confirm(request=request, actor=administrator(), at=NOW)
    assert approval.result(30) == {"account_held": 1}
    assert BillMonth.objects.get(month=month).approved_at is None


def test_control_without_the_question_the_database_still_refuses() -> None:
    month = date(2019, 6, 1)
    approver = a_closed_month(month)
    account_requests.confirm(request=ask(approver, at=NOW).request, actor=administrator(), at=NOW)
    unasked = mock.patch.object(holding, "require_free", return_value=None)
    with unasked:
        assert race(approving(month, approver)) == {"IntegrityError": 1}
    drop = "ALTER TABLE billing_billmonth DISABLE TRIGGER held_approved_by_waits"
    restore = "ALTER TABLE billing_billmonth ENABLE TRIGGER held_approved_by_waits"
    with unasked, without(drop, restore):
        assert race(approving(month, approver)) == {DONE: 1}


def test_two_administrators_who_disable_each_other_leave_one_who_acts() -> None:
    first, second = administrator(), administrator()
    with meeting_before("superfamilja.accounts.staff.require_administrator"):
        ended = race(
            partial(staff.disable_staff, user=second, actor=first, at=NOW, reason="x"),
            partial(staff.disable_staff, user=first, actor=second, at=NOW, reason="x"),
        )
    assert ended == {DONE: 1, "account_shut": 1}

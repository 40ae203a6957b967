"""Say for each act what is checked when it is asked for, and what confirming it does."""

from collections.abc import Callable
from typing import Any

from superfamilja.accounts import roles, staff, staff_changes
from superfamilja.accounts.doing import Doing
from superfamilja.accounts.models import AccountAct, Store, User
from superfamilja.accounts.refusals import MobileMissing

What = dict[str, Any]


def _check_new(_subject: User | None, what: What) -> None:
    staff.require_role(what["role"], what.get("stores", ()))
    staff.require_new(what["username"], what.get("mobile", ""))
    if not what.get("mobile"):
        raise MobileMissing


def _check_role(subject: User | None, what: What) -> None:
    user = _known(subject)
    staff.require_role(what["role"], what.get("stores", ()))
    if roles.role_decides(what["role"]) and not user.mobile:
        raise MobileMissing
    if what["role"] != roles.ADMINISTRATOR:
        staff.keep_one_administrator(user)


def _check_move(subject: User | None, what: What) -> None:
    staff.require_role(staff.role_in_a_store(_known(subject)), what["stores"])


def _check_mobile(subject: User | None, what: What) -> None:
    if not what["mobile"]:
        raise MobileMissing
    staff.require_free_mobile(what["mobile"], subject)


def _check_nothing(_subject: User | None, _what: What) -> None:
    """Check nothing more."""


def _create(doing: Doing, _subject: User | None, what: What, password: str) -> User:
    what = _with_stores(what)
    _check_new(None, what)
    return staff_changes.make_account(doing, **what, password=password)


def _enable(doing: Doing, subject: User | None, _what: What, _password: str) -> User:
    user = _known(subject)
    staff_changes.enable(doing, user)
    return user


def _change_role(doing: Doing, subject: User | None, what: What, password: str) -> User:
    user, what = _known(subject), _with_stores(what)
    _check_role(user, what)
    staff_changes.set_role(doing, user, **what, password=password)
    return user


def _move(doing: Doing, subject: User | None, what: What, _password: str) -> User:
    user, what = _known(subject), _with_stores(what)
    _check_move(user, what)
    staff_changes.move(doing, user, **what)
    return user


def _set_mobile(doing: Doing, subject: User | None, what: What, _password: str) -> User:
    user = _known(subject)
    _check_mobile(user, what)
    staff_changes.set_mobile(doing, user, **what)
    return user


def _set_password(doing: Doing, subject: User | None, _what: What, password: str) -> User:
    user = _known(subject)
    staff_changes.set_password(doing, user, password=password)
    return user


def _forget(doing: Doing, subject: User | None, _what: What, _password: str) -> User:
    user = _known(subject)
    staff_changes.forget_second_factor(doing, user)
    return user


def _with_stores(what: What) -> What:
    codes = what.get("stores", ())
    return {**what, "stores": list(Store.objects.filter(code__in=codes).order_by("code"))}


class NoSubjectError(LookupError):
    """An act on an account that exists came without one."""


def _known(subject: User | None) -> User:
    if subject is None:
        raise NoSubjectError
    return subject


CHECK: dict[AccountAct, Callable[[User | None, What], None]] = {
    AccountAct.CREATE: _check_new,
    AccountAct.ENABLE: _check_nothing,
    AccountAct.ROLE: _check_role,
    AccountAct.MOVE: _check_move,
    AccountAct.CONTACT: _check_mobile,
    AccountAct.PASSWORD: _check_nothing,
    AccountAct.SECOND_FACTOR: _check_nothing,
}
PERFORM: dict[AccountAct, Callable[[Doing, User | None, What, str], User]] = {
    AccountAct.CREATE: _create,
    AccountAct.ENABLE: _enable,
    AccountAct.ROLE: _change_role,
    AccountAct.MOVE: _move,
    AccountAct.CONTACT: _set_mobile,
    AccountAct.PASSWORD: _set_password,
    AccountAct.SECOND_FACTOR: _forget,
}

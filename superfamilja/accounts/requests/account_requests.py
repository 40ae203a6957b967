"""Let two administrators change accounts that decide: one asks, another confirms (R35, ADR 0022).

A temporary password comes in two halves. The asking person sees the first, the confirming one the
second. Each tells their half to the account's owner, so neither can sign in as the owner.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from superfamilja.accounts import staff, staff_changes
from superfamilja.accounts.doing import Doing
from superfamilja.accounts.models import AccountAct, AccountRequest, RequestOutcome, User
from superfamilja.accounts.refusals import (
    AboutYourself,
    AccountChangedSince,
    AskedAlready,
    AskerGone,
    NotAnAdministrator,
    RequestOver,
    WayInOpenedByThem,
    YourOwnRequest,
)
from superfamilja.accounts.requests import request_acts
from superfamilja.accounts.second_person import holding, notices, powers
from superfamilja.accounts.sign_in import sealing
from superfamilja.audit import acts
from superfamilja.data.database import constraint_of

PURPOSE = "half of a temporary password"
_ONCE = {"account_request_once", "account_request_username_once"}


class RequestWithHalf(NamedTuple):
    """A waiting request, and the half of the password that only the asking person sees."""

    request: AccountRequest
    half: str


class Confirmed(NamedTuple):
    """A finished act, and the half of the password that only the confirming person sees."""

    request: AccountRequest
    half: str


def ask(
    *,
    act: AccountAct,
    actor: User,
    at: datetime,
    reason: str,
    user: User | None = None,
    **what: Any,
) -> RequestWithHalf:
    """Ask another administrator for this act; `what` holds the arguments of the act's own verb.

    The account's owner is told at once. Raise what the verb would, MobileMissing, AskedAlready.
    """
    try:
        with transaction.atomic():
            return _ask(act, actor, Doing(actor, at, reason), user, what)
    except IntegrityError as error:
        if constraint_of(error) in _ONCE:
            raise AskedAlready from error
        raise


def confirm(*, request: AccountRequest, actor: User, at: datetime) -> Confirmed:
    """Do what another administrator asked for.

    Raises RequestOver, YourOwnRequest, AboutYourself, NotAnAdministrator, AccountHeld, AskerGone,
    WayInOpenedByThem, AccountChangedSince, and what the act's own verb raises.
    """
    with transaction.atomic():
        row = _standing(request, at)
        people = staff.lock_in_turn(row.subject, actor, row.asked_by)
        _require_another(row, actor, at)
        _require_asker(row.asked_by, at)
        subject = people.get(row.subject_id or 0)
        if subject is not None and _as_it_is(subject) != row.before:
            raise AccountChangedSince
        half = staff_changes.readable(2) if row.sealed_half else ""
        password = f"{sealing.open_sealed(PURPOSE, row.sealed_half)}-{half}" if half else ""
        doing = Doing(actor, at, row.reason, row)
        row.subject = request_acts.PERFORM[AccountAct(row.act)](doing, subject, row.what, password)
        _end(row, RequestOutcome.CONFIRMED, actor, at)
        return Confirmed(row, half)


@transaction.atomic
def withdraw(*, request: AccountRequest, actor: User, at: datetime, reason: str) -> AccountRequest:
    """End a request undone: the asking person withdraws, any other administrator declines.

    A held administrator may, too, because it loosens nothing. So may the account's owner, whatever
    their role. Raise RequestOver, ReasonMissing, NotAnAdministrator.
    """
    acts.require_reason(actor, reason)
    row = _standing(request, at)
    if actor.pk != row.subject_id and not actor.has_perm("accounts.change_user"):
        raise NotAnAdministrator
    is_own = actor.pk == row.asked_by_id
    outcome = RequestOutcome.WITHDRAWN if is_own else RequestOutcome.DECLINED
    _end(row, outcome, actor, at)
    verb = "withdraw_account_act" if is_own else "decline_account_act"
    _record(verb, row, actor, at, reason)
    return row


def standing(at: datetime) -> QuerySet[AccountRequest]:
    """Return the requests that wait for another administrator, the oldest first."""
    rows = AccountRequest.objects.standing(at).select_related("subject", "asked_by")
    return rows.order_by("asked_at", "pk")


def _ask(
    act: AccountAct, actor: User, doing: Doing, user: User | None, what: dict[str, Any]
) -> RequestWithHalf:
    at, reason = doing.at, doing.reason
    people = staff.lock_in_turn(user, actor)
    staff.require_administrator(actor, reason, over=user, at=at)
    subject = people[user.pk] if user else None
    request_acts.CHECK[act](subject, what)
    _forget_expired(at)
    half = staff_changes.readable(2) if _opens_a_way_in(act, subject) else ""
    row = AccountRequest.objects.create(
        act=act,
        subject=subject,
        what=_kept(what),
        before=_as_it_is(subject) if subject else {},
        reason=reason.strip(),
        asked_by=actor,
        asked_at=at,
        expires_at=at + timedelta(days=settings.STAFF_REQUEST_DAYS),
        sealed_half=sealing.seal(PURPOSE, half) if half else "",
    )
    _record("ask_account_act", row, actor, at, reason)
    if subject is not None:
        notices.send_asked(row, at)
    return RequestWithHalf(row, half)


def _standing(request: AccountRequest, at: datetime) -> AccountRequest:
    rows = AccountRequest.objects.standing(at).select_for_update(of=("self",))
    row = rows.select_related("subject", "asked_by").filter(pk=request.pk).first()
    if row is None:
        raise RequestOver
    return row


def _require_another(row: AccountRequest, actor: User, at: datetime) -> None:
    """R35: refuse the asking person, and anybody whose account one of the two helped to open."""
    if actor.pk == row.asked_by_id:
        raise YourOwnRequest
    if actor.pk == row.subject_id:
        raise AboutYourself
    staff.require_administrator(actor, row.reason, over=row.subject, at=at)
    if _helped_to_open(row.asked_by, actor, at) or _helped_to_open(actor, row.asked_by, at):
        raise WayInOpenedByThem(name=row.asked_by.shown_name)


def _helped_to_open(helper: User, owner: User, at: datetime) -> bool:
    """Return whether the helper asked for or confirmed an act on the owner's account of late."""
    return AccountRequest.objects.filter(
        Q(asked_by=helper) | Q(ended_by=helper),
        subject=owner,
        outcome=RequestOutcome.CONFIRMED,
        ended_at__gt=at - timedelta(days=settings.STAFF_APART_DAYS),
    ).exists()


def _require_asker(asker: User, at: datetime) -> None:
    """Raise AskerGone unless the asking person could still ask now."""
    try:
        staff.require_administrator(asker, "still", at=at)
    except (NotAnAdministrator, holding.AccountHeld, holding.AccountShut) as refusal:
        raise AskerGone from refusal


def _opens_a_way_in(act: AccountAct, subject: User | None) -> bool:
    """Return whether the act sets a new password, also because an account begins to decide."""
    if act == AccountAct.ROLE:
        return subject is not None and not powers.decides(subject)
    return act in {AccountAct.CREATE, AccountAct.PASSWORD}


def _as_it_is(user: User) -> dict[str, Any]:
    """Return what the request depends on: the account's role, shops, number and state."""
    return {
        "roles": staff_changes.roles_of(user),
        "stores": staff_changes.codes_of(user),
        "mobile": user.mobile,
        "active": user.is_active,
    }


def _kept(what: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments in the form in which they are stored: shops by their codes."""
    codes = sorted(store.code for store in what.get("stores", ()))
    return {**what, "stores": codes} if "stores" in what else dict(what)


def _forget_expired(at: datetime) -> None:
    """Close expired requests, so that they do not block a new one."""
    over = AccountRequest.objects.filter(outcome=None, expires_at__lte=at)
    over.update(outcome=RequestOutcome.EXPIRED, ended_at=at, sealed_half="")


def _end(row: AccountRequest, outcome: RequestOutcome, actor: User, at: datetime) -> None:
    row.outcome, row.ended_by, row.ended_at, row.sealed_half = outcome, actor, at, ""
    row.save()


def _record(verb: str, row: AccountRequest, actor: User, at: datetime, reason: str) -> None:
    acts.record(
        verb,
        actor=actor,
        at=at,
        reason=reason,
        user=row.subject_id,
        username=row.username,
        act=row.act,
        request=row.pk,
    )

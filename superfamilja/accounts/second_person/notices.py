"""Tell the owner of an account that decides what administrators do to it (R35).

An SMS goes at once to the old and the new number. A page comes before every other one at the next
sign-in, and at each sign-in while the account is held.
"""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import override

from superfamilja.accounts.doing import Doing
from superfamilja.accounts.models import AccountNotice, AccountRequest, User
from superfamilja.audit import acts
from superfamilja.audit.verbs import spoken_verb
from superfamilja.messages import outbox
from superfamilja.messages.outbox import Sms

SEEN = "staff_told_at"
LANGUAGE = "sq"


def tell_changed(verb: str, user: User, actor: User, doing: Doing) -> None:
    """Keep the notice for the next sign-in. The caller saves the person's row."""
    asker = doing.request.asked_by if doing.request else actor
    AccountNotice.objects.create(
        user=user,
        at=doing.at,
        verb=verb,
        reason=doing.reason,
        asked_by=asker.shown_name,
        confirmed_by=actor.shown_name if doing.request else "",
    )
    user.told_at = doing.at


def tell_of_server(verb: str, user: User, at: datetime, reason: str) -> None:
    """Keep a notice of what was done on the server. The caller saves the person's row."""
    AccountNotice.objects.create(user=user, at=at, verb=verb, reason=reason, asked_by=acts.SYSTEM)
    user.told_at = at


def send_changed(verb: str, user: User, at: datetime, also_to: str = "") -> None:
    """Tell the person by SMS what was done to their account; a former number is told, too."""
    with override(LANGUAGE):
        what = spoken_verb(verb)
    _send("account_changed", what, user, at, {user.mobile, also_to})


def send_asked(request: AccountRequest, at: datetime) -> None:
    """Tell the person by SMS what was asked for, before anything is done."""
    if request.subject is not None:
        with override(LANGUAGE):
            what = str(request.get_act_display())
        _send("account_asked", what, request.subject, at, {request.subject.mobile})


def is_waiting(request: HttpRequest, user: User) -> bool:
    """Return whether this session has not seen the newest notice. The person's row says so."""
    return user.told_at is not None and request.session.get(SEEN) != user.told_at.isoformat()


def to_read(user: User, at: datetime) -> QuerySet[AccountNotice]:
    """Return what this person has not acknowledged, and while the account is held all of it."""
    held = user.held_until is not None and user.held_until > at
    since = Q(acknowledged_at=None) | (Q(at__gte=user.told_at) if held else Q(pk=None))
    return user.account_notices.filter(since).order_by("-at", "-pk")


def acknowledge(request: HttpRequest, user: User, at: datetime) -> None:
    """Note that this person has read the notices.

    While the account is held, the next sign-in shows them again, so that an intruder cannot hide
    them from the owner by reading them.
    """
    if user.account_notices.filter(acknowledged_at=None).update(acknowledged_at=at):
        acts.record("acknowledge_account_notice", actor=user, at=at, user=user.pk)
    if user.told_at is None:
        return
    request.session[SEEN] = user.told_at.isoformat()
    if user.held_until is None or user.held_until <= at:
        User.objects.filter(pk=user.pk, told_at=user.told_at).update(told_at=None)


def _send(template: str, what: str, user: User, at: datetime, numbers: set[str]) -> None:
    facts = {"what": what, "username": user.username}
    outbox.write(
        [
            Sms(
                to=number,
                template=template,
                language=LANGUAGE,
                why=template,
                about="",
                contract_number="",
                parameters=facts,
            )
            for number in sorted(numbers - {""})
        ],
        at=at,
    )

"""Two administrators at work, in as few lines as a test can spare."""

from datetime import datetime

from django.utils import timezone

from superfamilja.accounts import roles
from superfamilja.accounts.models import AccountAct, AccountRequest, User
from superfamilja.accounts.requests import account_requests
from superfamilja.accounts.requests.account_requests import Confirmed, RequestWithHalf
from tests.signing_in import staff_member


def administrator(username: str = "") -> User:
    """One more administrator."""
    return staff_member(roles.ADMINISTRATOR, username)


def deciding(role: str = roles.BILLING_APPROVER, username: str = "") -> User:
    """Make an account that decides, with a mobile of its own."""
    number = f"+35569{User.objects.count() + 5_000_000:07d}"
    return staff_member(role, username, mobile=number)


def ask(
    user: User,
    act: AccountAct = AccountAct.PASSWORD,
    *,
    by: User | None = None,
    at: datetime | None = None,
    **what: object,
) -> RequestWithHalf:
    """Ask for an act on this account, as an administrator."""
    return account_requests.ask(
        act=act,
        user=user,
        actor=by or administrator(),
        at=at or timezone.now(),
        reason="lost",
        **what,
    )


def asked(role: str) -> AccountRequest:
    """Make a waiting request about an account of that role."""
    return ask(deciding(role)).request


def confirm_last(at: datetime | None = None) -> Confirmed:
    """Confirm the newest request as another administrator."""
    return account_requests.confirm(
        request=AccountRequest.objects.latest("pk"),
        actor=administrator(),
        at=at or timezone.now(),
    )

"""Who acts on an account, when and why."""

from datetime import datetime
from typing import NamedTuple

from superfamilja.accounts.models import AccountRequest, User


class Doing(NamedTuple):
    """One act on an account; `request` is set where another administrator asked for it."""

    actor: User | None
    at: datetime
    reason: str
    request: AccountRequest | None = None

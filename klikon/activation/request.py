"""What was asked of an activation, and what was accepted: handed from rule to record."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from billing.charges import Posted
from klikon.activation.snapshot import Facts, Question
from klikon.catalogue.prices import Price
from klikon.models import Channel
from superfamilja.accounts.models import User


@dataclass(frozen=True, kw_only=True)
class Request(Question):
    """The question with who asks it: staff as `actor`, with a reason (R2).

    `approved`: it has waited for the payer, and he has said yes (R28). `pin_given`: the phone
    channel's PIN was asked for in this call, and was right. `charged_lek`: the price in Lek that
    the yes was given to; None: none was told.
    """

    channel: Channel
    actor: User | None = None
    reason: str = ""
    approved: bool = False
    pin_given: bool = False
    charged_lek: int | None = None

    @property
    def content_hash(self) -> str:
        """R21: what has to be the same when a key comes again."""
        content = [self.leader, self.member, self.package, self.channel]
        # A yes to a repetition is a new request with a key of its own (R25).
        content += ["again"] if self.repeat_confirmed else []
        return hashlib.sha256("\x1f".join(content).encode()).hexdigest()


@dataclass(frozen=True)
class Accepted:
    """A request that every rule let pass and whose charge is posted. Amounts in Lek."""

    request: Request
    facts: Facts
    price: Price
    posted: Posted
    reference: str

    @property
    def at(self) -> datetime:
        return self.request.at

    @property
    def month(self) -> date:
        return self.request.month

    @property
    def room_left_lek(self) -> int:
        """What cap and group's limit leave after it."""
        return max(self.facts.limit_lek - self.posted.spent, 0)

"""The request for an activation, and the accepted request that is recorded."""

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
    """The question and the person who asks it: staff are the `actor` and give a reason (R2).

    `approved`: the payer has approved the request (R28). `pin_given`: the caller typed the right
    PIN in this call (R19). `charged_lek`: the price in Lek that the person agreed to, or None if
    none was shown (R6).
    """

    channel: Channel
    actor: User | None = None
    reason: str = ""
    approved: bool = False
    pin_given: bool = False
    charged_lek: int | None = None

    @property
    def content_hash(self) -> str:
        """Return a hash of what must be the same when a key comes again (R21)."""
        content = [self.leader, self.member, self.package, self.channel]
        # A confirmed repetition is a new request with a new key (R25).
        content += ["again"] if self.repeat_confirmed else []
        return hashlib.sha256("\x1f".join(content).encode()).hexdigest()


@dataclass(frozen=True)
class Accepted:
    """A request that passed every rule, with its posted charge. Amounts in Lek."""

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
        """Return what the cap and the group's limit leave after this charge; never below zero."""
        return self.facts.limit_lek - self.posted.spent

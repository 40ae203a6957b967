"""The SMS about a request that waits for the payer (R23, R28).

The payer reads that it waits; the SMS approves nothing by itself. The Mobile Leader reads how it
ended: after a yes in the receipt of the activation, otherwise in an SMS of this module.
"""

from datetime import datetime

from klikon.models import Outcome, WaitingRequest
from superfamilja.messages import outbox
from superfamilja.messages.outbox import Facts, sms_of
from superfamilja.values.months import TIRANE

_TO_THE_LEADER = {
    Outcome.DECLINED: "request_declined",
    Outcome.EXPIRED: "request_expired",
    Outcome.REFUSED: "request_refused",
}


def asked(waiting: WaitingRequest) -> None:
    """Tell the payer who wants what for whom, what it costs, and until when it waits."""
    until = waiting.expires_at.astimezone(TIRANE)
    told: Facts = {
        "leader_name": waiting.leader.name,
        "charged_lek": waiting.charged_lek,
        "until": f"{until:%d.%m.%Y %H:%M}",
    }
    payer = waiting.group.contract.contact_msisdn
    _tell("request_waits", waiting, payer, told, at=waiting.asked_at, expires_at=waiting.expires_at)


def ended(waiting: WaitingRequest, outcome: Outcome, at: datetime) -> None:
    """Tell the Mobile Leader that it was declined, not answered in time, or refused by a rule."""
    if template := _TO_THE_LEADER.get(outcome):
        _tell(template, waiting, waiting.leader.msisdn, {}, at=at)


def _tell(
    template: str,
    waiting: WaitingRequest,
    to: str,
    told: Facts,
    *,
    at: datetime,
    expires_at: datetime | None = None,
) -> None:
    contract = waiting.group.contract
    named = {"member_name": waiting.member.name, "package": waiting.package.name}
    message = sms_of(
        contract,
        to,
        template,
        {**named, **told},
        about=waiting.reference,
        expires_at=expires_at,
    )
    outbox.write([message], at=at)

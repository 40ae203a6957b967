"""Tell those who heard of an activation that it did not come about (R13, R23)."""

from datetime import datetime

from billing import charges
from groups import terms
from klikon.models import Activation, OwnLimit
from superfamilja.messages import outbox
from superfamilja.messages.outbox import roles_by_number, sms_of
from superfamilja.values.months import month_label

REVERSED = "activation_reversed"


def tell_reversed(activation: Activation, *, at: datetime) -> None:
    """Write one SMS a number in the reversal's transaction: member and both leaders."""
    contract = activation.contract
    roles = {
        "is_member": activation.member.msisdn,
        "is_leader": activation.leader.msisdn,
        "is_payer": contract.contact_msisdn,
    }
    told: dict[str, str | int] = {
        "member_name": activation.member.name,
        "package": activation.package.name,
        "charged_lek": activation.charged_lek,
        "room_left_lek": _room_left(activation, at),
        "month": month_label(activation.month),
        "reference": activation.reference,
    }
    outbox.write(
        [
            sms_of(contract, number, REVERSED, {**told, **its_roles}, about=activation.reference)
            for number, its_roles in roles_by_number(roles).items()
        ],
        at=at,
    )


def _room_left(activation: Activation, at: datetime) -> int:
    """Return what the leader may still spend in that month, in Lek (R9, R27)."""
    in_force = terms.in_force(activation.group, at)
    limit_lek = OwnLimit.objects.group_limit_lek(activation.group, in_force.cap_lek)
    return max(limit_lek - charges.spent(activation.contract_id, activation.month), 0)

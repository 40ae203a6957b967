"""Who hears that an activation did not come about (R13, R23): those who had heard of it."""

from datetime import datetime

from billing import charges
from groups import terms
from klikon.models import Activation, OwnLimit
from superfamilja.messages import outbox
from superfamilja.messages.outbox import Sms
from superfamilja.values.months import month_label

REVERSED = "activation_reversed"


def tell_reversed(activation: Activation, *, at: datetime) -> None:
    """One SMS a number, in the reversal's own transaction: member, Mobile Leader, Fixed Leader."""
    contract = activation.contract
    member, leader = activation.member.msisdn, activation.leader.msisdn
    payer = contract.contact_msisdn
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
            Sms(
                to=number,
                template=REVERSED,
                language=contract.language,
                why=REVERSED,
                about=activation.reference,
                contract_number=contract.number,
                parameters={
                    **told,
                    "is_member": number == member,
                    "is_leader": number == leader,
                    "is_payer": number == payer,
                },
            )
            for number in dict.fromkeys([member, leader, payer])
        ],
        at=at,
    )


def _room_left(activation: Activation, at: datetime) -> int:
    """What the leader may spend of that month by now, in Lek (R9, R27)."""
    in_force = terms.in_force(activation.group, at)
    own = OwnLimit.objects.filter(group=activation.group, member=None, ended_at=None).first()
    limit = in_force.cap_lek if own is None else min(in_force.cap_lek, own.limit_lek)
    return max(limit - charges.spent(activation.contract_id, activation.month), 0)

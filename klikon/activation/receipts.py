"""The SMS of an activation (R23): each number gets one SMS for one fact, even with three roles."""

from collections.abc import Mapping
from datetime import timedelta

from klikon.activation.request import Accepted
from superfamilja.messages.outbox import Sms, roles_by_number
from superfamilja.values.months import TIRANE, month_label

WARNINGS_AT_PERCENT = (100, 90, 50)


def receipts(accepted: Accepted) -> list[Sms]:
    """Return the receipts for member, Mobile Leader and Fixed Leader, and the cap warnings."""
    facts, price = accepted.facts, accepted.price
    until = accepted.at.astimezone(TIRANE) + timedelta(days=facts.validity_days)
    told: dict[str, str | int] = {
        "member_name": facts.member_name,
        "leader_name": facts.leader_name,
        "package": facts.package_name,
        "until": f"{until:%d.%m.%Y}",
        "charged_lek": price.charged_lek,
        "list_price_lek": price.list_price_lek,
        "room_left_lek": accepted.room_left_lek,
        "limit_lek": facts.limit_lek,
        "month": month_label(accepted.month),
        "reference": accepted.reference,
    }
    roles = {
        "is_member": accepted.request.member,
        "is_leader": accepted.request.leader,
        "is_payer": facts.contact_msisdn,
    }
    # R7: a package is active at once. While the charging system is down, no SMS may say so.
    receipt = "activation_on_its_way" if facts.arrives_later else "activation_receipt"
    to_each = [
        _sms(accepted, number, receipt, {**told, **its_roles})
        for number, its_roles in roles_by_number(roles).items()
    ]
    return to_each + _warnings(accepted)


def _warnings(accepted: Accepted) -> list[Sms]:
    """Return the warning for the highest of 50, 90 and 100 % of the cap that this one reached."""
    cap = accepted.facts.cap_lek
    after, before = accepted.posted.spent, accepted.posted.spent - accepted.price.charged_lek
    reached = [p for p in WARNINGS_AT_PERCENT if 100 * before < p * cap <= 100 * after]
    if not reached:
        return []
    told: dict[str, str | int] = {
        "percent": reached[0],
        "spent_lek": after,
        "limit_lek": cap,
        "room_left_lek": cap - after,
        "month": month_label(accepted.month),
    }
    payer = accepted.facts.contact_msisdn
    return [
        _sms(accepted, number, "cap_warning", {**told, "is_payer": number == payer})
        for number in dict.fromkeys([payer, accepted.request.leader])
    ]


def _sms(accepted: Accepted, to: str, template: str, told: Mapping[str, str | int]) -> Sms:
    return Sms(
        to=to,
        template=template,
        language=accepted.facts.language,
        why=template,
        about=accepted.reference,
        contract_number=accepted.facts.contract_number,
        parameters=told,
    )

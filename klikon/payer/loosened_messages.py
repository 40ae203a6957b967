"""Tell the payer at once what was loosened, on the number that was proven last (R30).

Within 30 days of an unproven contact mobile, the number before it is told, too (R31).
"""

from datetime import datetime

from groups import contact_hold
from groups.models import Contract
from klikon.models import AskAbove, OwnLimit
from superfamilja.messages import outbox
from superfamilja.messages.outbox import Facts, sms_of

TOLD = "loosened"
_NOTHING: dict[str, str | int] = {
    "is_raised": 0,
    "is_lifted": 0,
    "is_ask_raised": 0,
    "is_ask_lifted": 0,
    "is_pin": 0,
    "is_unlocked": 0,
    "limit_lek": 0,
    "member_name": "",
}


def limit_raised(contract: Contract, limit: OwnLimit, at: datetime) -> None:
    """Tell that a limit of the payer's is higher now."""
    facts: Facts = {"is_raised": 1, "limit_lek": limit.limit_lek, "member_name": _whose(limit)}
    _tell(contract, f"L-{limit.pk}", facts, at)


def limit_lifted(contract: Contract, limit: OwnLimit, at: datetime) -> None:
    """Tell that a limit of the payer's was lifted."""
    facts: Facts = {"is_lifted": 1, "limit_lek": limit.limit_lek, "member_name": _whose(limit)}
    _tell(contract, f"LL-{limit.pk}", facts, at)


def ask_raised(contract: Contract, asked: AskAbove, at: datetime) -> None:
    """Tell that the payer is asked first only above a higher amount."""
    _tell(contract, f"Q-{asked.pk}", {"is_ask_raised": 1, "limit_lek": asked.above_lek}, at)


def ask_lifted(contract: Contract, asked: AskAbove, at: datetime) -> None:
    """Tell that the payer is asked first no longer."""
    _tell(contract, f"QL-{asked.pk}", {"is_ask_lifted": 1}, at)


def pin_set(contract: Contract, act: int, at: datetime) -> None:
    """Tell that the phone channel has a PIN, or another one."""
    _tell(contract, f"P-{act}", {"is_pin": 1}, at)


def phone_unlocked(contract: Contract, act: int, at: datetime) -> None:
    """Tell that the phone channel is unlocked."""
    _tell(contract, f"P-{act}", {"is_unlocked": 1}, at)


def _whose(limit: OwnLimit) -> str:
    return limit.member.name if limit.member else ""


def _tell(contract: Contract, about: str, facts: Facts, at: datetime) -> None:
    numbers = [contact_hold.proven_number(contract, at), *contact_hold.numbers_before(contract, at)]
    told = {**_NOTHING, **facts, "fixed_number": contract.fixed_number}
    messages = [
        sms_of(contract, number, TOLD, told, about=about) for number in dict.fromkeys(numbers)
    ]
    outbox.write(messages, at=at)

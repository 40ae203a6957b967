"""Name the Mobile Leader online, as the Fixed Leader (R3, R30): one verb, one transaction.

The code was sent for this member. Only the Declaration that it brings into force uses it up. When
it went to the very number that is named, the contract number of the fixed bill is needed, too: a
person who only holds that phone does not have the bill.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string

from groups.models import Contract, Membership
from groups.proof import NAMING, PayerSession, code_about, require_the_payers_number
from klikon.leader import leadership
from klikon.models import DeclarationChannel, LeaderAssignment
from superfamilja.customers import codes
from superfamilja.customers.refusals import CodeRefused
from superfamilja.values import texts


@dataclass(frozen=True, kw_only=True)
class NamingCode:
    """What the payer typed: the digits of the code, and the number on the bill."""

    code: int
    digits: str = field(repr=False)
    bill_number: str = ""


def name_online(*, member: Membership, proof: NamingCode, at: datetime) -> LeaderAssignment:
    """Use the code up and name this member Mobile Leader: both, or neither.

    A wrong code, or a wrong contract number, counts as a try of the code. Raises CodeWrong,
    CodeOver, and what klikon.leader.leadership.assign raises.
    """
    contract = Contract.objects.get(groups=member.group_id)
    with transaction.atomic():
        require_the_payers_number(contract, at)
        try:
            _use_up(contract, member, proof, at)
        except CodeRefused as refused:
            wrong = refused  # the try must count, so this transaction commits
        else:
            return _named(contract, member, proof, at)
    raise wrong


def phone_proves_little(contract: Contract, member: Membership) -> bool:
    """Return whether the code goes to the very number that is named."""
    return member.msisdn == contract.contact_msisdn


def _use_up(contract: Contract, member: Membership, proof: NamingCode, at: datetime) -> None:
    shows_the_bill = _is_on_the_bill(contract, proof.bill_number)
    is_proven = shows_the_bill or not phone_proves_little(contract, member)
    codes.check(
        proof.code,
        msisdn=contract.contact_msisdn,
        purpose=NAMING,
        about=code_about(member),
        typed=proof.digits if is_proven else "",
        at=at,
    )


def _is_on_the_bill(contract: Contract, typed: str) -> bool:
    plain = "".join(texts.clean_code(typed).split()).upper().encode()
    return constant_time_compare(plain, contract.number.upper().encode())


def _named(
    contract: Contract, member: Membership, proof: NamingCode, at: datetime
) -> LeaderAssignment:
    assignment = leadership.assign(
        member=member,
        channel=DeclarationChannel.ONLINE,
        signatory_name=contract.owner_name,
        proof=PayerSession(code=proof.code),
        at=at,
    )
    if assignment.declaration.by_letter:
        import_string(settings.LETTER_PROVIDER)(assignment.declaration, at)
    return assignment

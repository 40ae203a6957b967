"""Show the phones of a family: each member's and the payer's, with their SMS."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import QuerySet

from klikon.reading.overview import ContractOverview
from superfamilja.messages.models import OutgoingMessage

SHOWN = 3  # on each phone of a family
SHOWN_ALONE = 30  # on a phone's own page
_NEWEST = 80
NOT_A_MEMBER = 0  # the seat of a payer whose own phone is not in the group


@dataclass
class Phone:
    """A number, its owner, and its SMS, newest first.

    `pk` is the member's id, or the contract's when the payer is not a member.
    """

    pk: int
    msisdn: str
    name: str
    seat: int
    is_payer: bool
    is_leader: bool
    sms: list[OutgoingMessage] = field(default_factory=list)


def phones_of(seen: ContractOverview) -> list[Phone]:
    """Return the payer's phone first, then the members' by seat; a paying member has one."""
    payer = seen.contract.contact_msisdn
    phones = {
        member.msisdn: Phone(
            member.pk,
            member.msisdn,
            member.name,
            member.seat,
            member.msisdn == payer,
            bool(seen.leader and seen.leader.member_id == member.pk),
        )
        for member in seen.members
    }
    if payer not in phones:
        phones[payer] = Phone(
            seen.contract.pk,
            payer,
            seen.contract.owner_name,
            NOT_A_MEMBER,
            is_payer=True,
            is_leader=False,
        )
    got = defaultdict(list)
    for message in _sent_to(list(phones))[:_NEWEST]:
        got[message.recipient].append(message)
    for phone in phones.values():
        phone.sms = got[phone.msisdn][:SHOWN]
    return sorted(phones.values(), key=lambda phone: (not phone.is_payer, phone.seat))


def phone_alone(phones: list[Phone], pk: int, *, of_payer: bool) -> Phone | None:
    """Return one phone with all its SMS; None when this family has no such phone."""
    for phone in phones:
        if phone.pk == pk and (phone.seat == NOT_A_MEMBER) is of_payer:
            phone.sms = list(_sent_to([phone.msisdn])[:SHOWN_ALONE])
            return phone
    return None


def _sent_to(numbers: list[str]) -> QuerySet[OutgoingMessage]:
    """Return every SMS to these numbers, because a sign-in code belongs to no contract."""
    return OutgoingMessage.objects.filter(recipient__in=numbers).order_by("-written_at", "-pk")

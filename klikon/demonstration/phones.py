"""The phones of a family: each member's and the payer's, with the SMS on it."""

from collections import defaultdict
from dataclasses import dataclass, field

from klikon.overview import Overview
from superfamilja.messages.models import OutgoingMessage

SHOWN = 3  # on each phone
_NEWEST = 80
NOT_A_MEMBER = 0  # the seat of a payer whose own phone is not in the group


@dataclass
class Phone:
    """A number, whose it is, and its SMS, newest first."""

    msisdn: str
    name: str
    seat: int
    is_payer: bool
    is_leader: bool
    sms: list[OutgoingMessage] = field(default_factory=list)


def phones_of(seen: Overview) -> list[Phone]:
    """The payer's first, then the members by seat; who is both has one phone."""
    payer = seen.contract.contact_msisdn
    phones = {
        member.msisdn: Phone(
            member.msisdn, member.name, member.seat, member.msisdn == payer,
            bool(seen.leader and seen.leader.member_id == member.pk),
        )
        for member in seen.members
    }  # fmt: skip
    if payer not in phones:
        phones[payer] = Phone(
            payer, seen.contract.owner_name, NOT_A_MEMBER, is_payer=True, is_leader=False
        )
    got = defaultdict(list)
    for message in OutgoingMessage.objects.recent_for_contract(seen.contract.number, _NEWEST):
        got[message.recipient].append(message)
    for phone in phones.values():
        phone.sms = got[phone.msisdn][:SHOWN]
    return sorted(phones.values(), key=lambda phone: (not phone.is_payer, phone.seat))

"""The phones of a family: each member's and the payer's, with the SMS on it."""

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
    """A number, whose it is, and its SMS, newest first. `pk`: of the member, or of the contract
    of a payer who is no member.
    """

    pk: int
    msisdn: str
    name: str
    seat: int
    is_payer: bool
    is_leader: bool
    sms: list[OutgoingMessage] = field(default_factory=list)


def phones_of(seen: ContractOverview) -> list[Phone]:
    """The payer's first, then the members by seat; who is both has one phone."""
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
    """The one phone with all that it shows alone; None: no such phone in this family."""
    for phone in phones:
        if phone.pk == pk and (phone.seat == NOT_A_MEMBER) is of_payer:
            phone.sms = list(_sent_to([phone.msisdn])[:SHOWN_ALONE])
            return phone
    return None


def _sent_to(numbers: list[str]) -> QuerySet[OutgoingMessage]:
    """Whatever came to these numbers: a code for signing in belongs to no contract."""
    return OutgoingMessage.objects.filter(recipient__in=numbers).order_by("-written_at", "-pk")

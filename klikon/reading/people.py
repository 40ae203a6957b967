"""Tell who a number is to Klik-ON: payer, Mobile Leader, member; asked anew at each request."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from billing.models import BillEntry
from groups.models import Contract, ContractStatus, Membership
from klikon.models import LeaderAssignment
from superfamilja.clock import portal_clock
from superfamilja.customers.people import OnFile
from superfamilja.values.months import month_before, month_of


def on_file(msisdn: str) -> OnFile:
    """Return what the sign-in needs to know about a mobile number (E.164), in two queries.

    An owner signs in with the contact mobile that they gave, a member with their own number.
    """
    contracts = list(seen_by(msisdn).values_list("pk", "owner_nid", "language"))
    is_member = Membership.objects.current().filter(msisdn=msisdn).exists()
    return OnFile(
        is_known=bool(contracts) or is_member,
        payer_of=frozenset(pk for pk, _nid, _language in contracts),
        language=contracts[0][2] if contracts else "sq",
        is_shared=len({nid for _pk, nid, _language in contracts}) > 1,
    )


def paid_by(msisdn: str) -> QuerySet[Contract]:
    """Return contracts that have not ended and whose Fixed Leader has this number."""
    return Contract.objects.filter(contact_msisdn=msisdn).exclude(status=ContractStatus.ENDED)


def seen_by(msisdn: str) -> QuerySet[Contract]:
    """Return those, and ended ones that still have something on a bill (R15), to read only.

    Return none when another owner has the number by now, who would see a stranger's bills.
    """
    since = month_before(month_before(month_of(portal_clock.now())))
    owing = BillEntry.objects.filter(contract=OuterRef("pk"), month__gte=since)
    others = paid_by(msisdn).exclude(owner_nid=OuterRef("owner_nid"))
    return Contract.objects.filter(contact_msisdn=msisdn).filter(
        ~Q(status=ContractStatus.ENDED) | (Exists(owing) & ~Exists(others))
    )


@dataclass(frozen=True)
class Roles:
    """The roles of a signed-in number at this moment."""

    contracts: list[Contract]
    leads: LeaderAssignment | None
    member: Membership | None

    @property
    def count(self) -> int:
        return len(self.contracts) + bool(self.leads) + bool(self.member)


def roles(msisdn: str) -> Roles:
    """Return every role of the number, the paying ones first, in three queries."""
    member = (
        Membership.objects.current().filter(msisdn=msisdn).select_related("group__contract").first()
    )
    leads = LeaderAssignment.objects.of_number(msisdn).first()
    return Roles(list(seen_by(msisdn).order_by("pk")), leads, member)

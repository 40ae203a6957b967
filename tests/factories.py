"""Make a small, believable, plainly fictional world in few lines."""

from datetime import date, datetime
from itertools import count
from zoneinfo import ZoneInfo

import factory
from factory.django import DjangoModelFactory

from billing import charges
from billing.models import BillEntry, Charge
from groups.models import Contract, Group, Membership, TermsBinding, TermsVersion
from groups.proof import Proof
from klikon.leader import leadership
from klikon.models import DeclarationChannel, LeaderAssignment, OwnLimit, Package, Promotion
from superfamilja.values.months import month_of
from tests.proofs import payers_word

TIRANE = ZoneInfo("Europe/Tirane")
_references = count(1)


def at(text: str) -> datetime:
    """Return a moment in Tirana: at("2026-11-05 14:05")."""
    return datetime.fromisoformat(text).replace(tzinfo=TIRANE)


class ContractFactory(DjangoModelFactory[Contract]):
    class Meta:
        model = Contract

    number = factory.Sequence(lambda n: f"FX{n:07d}")
    fixed_number = factory.Sequence(lambda n: f"+3554{2_000_000 + n}")
    status = "active"
    owner_nid = "J10000001A"
    owner_name = "Drita Dardha"
    contact_msisdn = factory.Sequence(lambda n: f"+35569{n:07d}")
    service_address = "Rruga e Provës 1, Tiranë"


class GroupFactory(DjangoModelFactory[Group]):
    class Meta:
        model = Group

    contract = factory.SubFactory(ContractFactory)
    opened_on = date(2025, 1, 10)


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    group = factory.SubFactory(GroupFactory)
    msisdn = factory.Sequence(lambda n: f"+35567{n:07d}")
    name = factory.Iterator(["Elira", "Besnik", "Mira", "Agron"])
    plan = "standard_prepaid"
    seat = 1
    joined_on = date(2025, 1, 10)


class PackageFactory(DjangoModelFactory[Package]):
    class Meta:
        model = Package
        django_get_or_create = ("code", "on_sale_from")

    code = factory.LazyAttribute(lambda o: f"S{o.list_price_lek}")
    family = "super"
    name = factory.LazyAttribute(lambda o: f"Super {o.list_price_lek}")
    list_price_lek = 700
    validity_days = 28
    benefits_sq = "Përmbajtje për demonstrim"
    benefits_en = "Demonstration content"
    on_sale_from = date(2020, 1, 1)


class PromotionFactory(DjangoModelFactory[Promotion]):
    class Meta:
        model = Promotion

    msisdn = factory.Sequence(lambda n: f"+35567{n:07d}")
    package_code = "*"
    kind = "percent"
    value = 10
    valid_from = date(2026, 1, 1)
    valid_to = date(2030, 12, 31)


class OwnLimitFactory(DjangoModelFactory[OwnLimit]):
    class Meta:
        model = OwnLimit

    limit_lek = 2000
    set_at = factory.LazyFunction(lambda: at("2026-10-01 10:00"))


def catalogue() -> None:
    """Put Super 400, 700, 1000, 1200, 1500 and 2000 on sale since 2020."""
    for price in (400, 700, 1000, 1200, 1500, 2000):
        PackageFactory(list_price_lek=price)


def family(members: int = 3) -> Group:
    """Make an open group with that many members and no leader."""
    group = GroupFactory()
    for seat in range(1, members + 1):
        MembershipFactory(group=group, seat=seat)
    return group


def family_with_leader(members: int = 3) -> tuple[Group, LeaderAssignment]:
    """Make an open group whose first member is Mobile Leader, and a catalogue to buy from."""
    catalogue()
    group = family(members)
    return group, assign(group.memberships.get(seat=1))


def assign(member: Membership, proof: Proof | None = None) -> LeaderAssignment:
    """Name this member Mobile Leader by a shop's Declaration and, by default, the payer's word."""
    moment = at("2025-02-01 10:00")
    return leadership.assign(
        member=member,
        channel=DeclarationChannel.STORE,
        signatory_name=member.group.contract.owner_name,
        evidence="form 1",
        proof=proof or payers_word(member.group.contract, moment),
        at=moment,
    )


def terms_of_its_own(group: Group, **changes: object) -> None:
    """Bind this group, and no other, to the first terms with these changes."""
    first = TermsVersion.objects.filter(number=1).values().get()
    own = {**first, "id": None, "published_at": at("2099-01-01 00:00"), **changes}
    number = TermsVersion.objects.latest("number").number + 1
    terms = TermsVersion.objects.create(**own | {"number": number})
    TermsBinding.objects.create(group=group, terms=terms, binds_from=at("2025-02-01 10:00"))


def charge(contract: Contract, amount_lek: int, moment: str = "2026-11-05 14:05") -> Charge:
    """Post a held charge as any product would, within the usual 6,500 Lek."""
    accepted = at(moment)
    posted = charges.post_charge(
        contract_id=contract.pk,
        month=month_of(accepted),
        amount_lek=amount_lek,
        limit_lek=6500,
        reference=f"T-{contract.pk}-{next(_references)}",
        text="Super 700: Elira",
        at=accepted,
    )
    assert posted is not None
    return Charge.objects.get(pk=posted.charge_id)


def entry(contract: Contract, month: str = "2026-11") -> BillEntry:
    """Return the contract's bill entry of that month."""
    return BillEntry.objects.get(contract=contract, month=f"{month}-01")

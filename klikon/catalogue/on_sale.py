"""Tell which packages Klik-ON sells, and what was on sale when (R5)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Protocol

from groups import terms
from groups.models import Group, TermsVersion
from klikon.catalogue.prices import Price
from klikon.models import SUPER, Package
from superfamilja.values.months import local_date


class PriceAndValidity(Protocol):
    """The fields of a package that R5 needs."""

    @property
    def list_price_lek(self) -> int: ...
    @property
    def validity_days(self) -> int: ...


class KlikOnTerms(Protocol):
    """The fields of the terms that R5 needs."""

    @property
    def smallest_list_price_lek(self) -> int: ...
    @property
    def shortest_validity_days(self) -> int: ...


def is_sold(package: PriceAndValidity, in_force: KlikOnTerms) -> bool:
    """R5: return whether Klik-ON sells a Super package of this price and validity."""
    return (
        package.list_price_lek >= in_force.smallest_list_price_lek
        and package.validity_days >= in_force.shortest_validity_days
    )


@dataclass(frozen=True)
class Sold:
    """A version of a package, sold from its day until the next version began."""

    package: Package
    until: date


@dataclass(frozen=True)
class OnSale:
    """A package on sale on a day: its Klik-ON price (None: excluded by R5), and earlier ones."""

    package: Package
    price: Price | None
    earlier: list[Sold]


def on_sale(day: date, newest: TermsVersion) -> list[OnSale]:
    """Return what was on sale on that day, cheapest first.

    Each has its earlier prices, newest first.
    """
    versions: dict[str, list[Package]] = defaultdict(list)
    for package in Package.objects.filter(on_sale_from__lte=day).order_by("-on_sale_from"):
        versions[package.code].append(package)
    return [
        OnSale(package, klik_on_price(package, newest), _earlier(versions[package.code]))
        for package in Package.objects.on_sale(day)
    ]


def klik_on_price(package: Package, in_force: TermsVersion) -> Price | None:
    """R5, R6: return the price under those terms; None for a package that Klik-ON does not sell."""
    if package.family != SUPER or not is_sold(package, in_force):
        return None
    return Price(package.list_price_lek, in_force.discount_lek)


def price_now(group: Group, code: str, at: datetime) -> Price | None:
    """Return what this package costs this group now with Klik-ON; None when it is not sold."""
    package = Package.objects.on_sale(local_date(at)).filter(code=code).first()
    return klik_on_price(package, terms.in_force(group, at)) if package else None


def _earlier(versions: list[Package]) -> list[Sold]:
    """Return all versions but the newest; each was sold until it ended or the next one began."""
    return [
        Sold(package, min(filter(None, [package.on_sale_until, after.on_sale_from])))
        for after, package in pairwise(versions)
    ]

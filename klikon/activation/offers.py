"""Find the packages that a refusal can offer instead (E5, E18)."""

from collections.abc import Iterable
from datetime import datetime

from klikon.activation.refusals import Offer
from klikon.activation.snapshot import Facts
from klikon.catalogue.on_sale import is_sold
from klikon.catalogue.prices import Price
from klikon.models import SUPER, Package
from superfamilja.values.months import local_date


def still_fits(facts: Facts, at: datetime, room_lek: int) -> list[Offer]:
    """Return the Klik-ON packages on sale that still fit, cheapest first (E5, E18)."""
    return fitting(Package.objects.on_sale(local_date(at)).filter(family=SUPER), facts, room_lek)


def fitting(packages: Iterable[Package], facts: Facts, room_lek: int) -> list[Offer]:
    """Return the packages that Klik-ON sells (R5) and that still fit, in their order."""
    return [
        Offer(code=package.code, name=package.name, charged_lek=price.charged_lek)
        for package in packages
        if is_sold(package, facts)
        and (price := Price(package.list_price_lek, facts.discount_lek)).charged_lek <= room_lek
    ]

"""The catalogue of packages: what Klik-ON sells of it, and what was on sale when (R5)."""

from collections.abc import Iterable
from datetime import datetime

from klikon.models import SUPER, Package
from klikon.pricing import Price
from klikon.refusals import Offer
from klikon.snapshot import Facts
from superfamilja.months import local_date


def still_fits(facts: Facts, at: datetime, room_lek: int) -> list[Offer]:
    """E5, E18: the Klik-ON packages on sale that the room still holds, cheapest first."""
    return fitting(Package.objects.on_sale(local_date(at)).filter(family=SUPER), facts, room_lek)


def fitting(packages: Iterable[Package], facts: Facts, room_lek: int) -> list[Offer]:
    """Those of these packages that Klik-ON sells (R5) and the room holds, in their order."""
    return [
        Offer(code=package.code, name=package.name, charged_lek=price.charged_lek)
        for package in packages
        if package.list_price_lek >= facts.smallest_list_price_lek
        and (price := Price(package.list_price_lek, facts.discount_lek)).charged_lek <= room_lek
    ]

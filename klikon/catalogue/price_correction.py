"""Replace a wrong price as long as nobody bought at it; a price bought at never changes (R5)."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_noop

from billing import charges
from klikon.models import Activation, Package
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.refusal import Refusal
from superfamilja.values.lek import lek
from superfamilja.values.months import month_of

_CLOCKS_DIFFER = timedelta(minutes=5)


class PriceWasBought(Refusal):
    rule = "R5"
    code = "price_was_bought"
    sentence = gettext_noop(
        "Somebody bought %(package)s at %(price)s, so that this price stays. Write the right one "
        "as a new row with its own on_sale_from."
    )


class PriceIsTheSame(Refusal):
    rule = "R5"
    code = "price_is_the_same"
    sentence = gettext_noop("%(package)s costs %(price)s already. Nothing was changed.")


class PriceFarOff(Refusal):
    rule = "R5"
    code = "price_far_off"
    sentence = gettext_noop(
        "Before it %(package)s cost %(before)s; %(price)s differs by more than half. If it is "
        "right, confirm it."
    )


def price_before(code: str, on_sale_from: date) -> int | None:
    """Return the price before that day, in Lek; None when the package was not sold yet."""
    earlier = Package.objects.filter(code=code, on_sale_from__lt=on_sale_from)
    newest = earlier.order_by("-on_sale_from").first()
    return newest.list_price_lek if newest else None


def is_far_off(price_lek: int, before_lek: int | None) -> bool:
    """Return whether the price differs from the one before by more than half of that one."""
    return before_lek is not None and 2 * abs(price_lek - before_lek) > before_lek


@transaction.atomic
def correct_price(
    *,
    package: Package,
    list_price_lek: int,
    at: datetime,
    actor: User | None,
    reason: str,
    is_confirmed: bool = False,
) -> Package:
    """Replace the price of a package version that nobody bought at; record both prices.

    Raises ReasonMissing, PriceWasBought, PriceIsTheSame, PriceFarOff (until `is_confirmed`),
    AccountHeld.
    """
    if not reason.strip():
        raise acts.ReasonMissing
    holding.require_free(actor, at)
    keep_buyers_out(at)
    package = Package.objects.select_for_update().get(pk=package.pk)
    was_lek, before_lek = package.list_price_lek, price_before(package.code, package.on_sale_from)
    if list_price_lek == was_lek:
        raise PriceIsTheSame(package=package.name, price=lek(was_lek))
    if is_bought(package):
        raise PriceWasBought(package=package.name, price=lek(was_lek))
    if before_lek and is_far_off(list_price_lek, before_lek) and not is_confirmed:
        raise PriceFarOff(package=package.name, before=lek(before_lek), price=lek(list_price_lek))
    package.list_price_lek = list_price_lek
    package.save(update_fields=["list_price_lek"])
    acts.record(
        "correct_price",
        actor=actor,
        at=at,
        reason=reason,
        package=package.code,
        on_sale_from=f"{package.on_sale_from}",
        was_lek=was_lek,
        now_lek=list_price_lek,
    )
    return package


def keep_buyers_out(at: datetime) -> None:
    """Wait until every activation that may have read the price has ended, and block new ones.

    An activation holds its month's lock, shared, from before it reads the price until its commit.
    """
    months = {month_of(at - _CLOCKS_DIFFER), month_of(at), month_of(at + _CLOCKS_DIFFER)}
    for month in sorted(months):
        charges.lock_month_exclusively(month)


def is_bought(package: Package) -> bool:
    """Return whether this version was ever bought through Klik-ON."""
    return Activation.objects.filter(package=package).exists()

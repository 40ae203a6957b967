"""Compute what an activation costs, here and elsewhere, in whole Lek. Pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypedDict


@dataclass(frozen=True)
class Price:
    """List price, discount, and what is charged, in Lek."""

    list_price_lek: int
    discount_lek: int

    @property
    def charged_lek(self) -> int:
        """R6, R10: return the list price minus the discount; the cap counts this amount."""
        return self.list_price_lek - self.discount_lek


class PromotionTerms(TypedDict):
    """A member's promotion, frozen: `kind` is percent or amount, `package_code` may be *."""

    package_code: str
    kind: str
    value: int
    valid_to: str


def set_aside(promotions: Iterable[PromotionTerms], package_code: str) -> list[PromotionTerms]:
    """R8: return the promotions that this package would have had outside Klik-ON."""
    return [p for p in promotions if p["package_code"] in (package_code, "*")]


def price_elsewhere(list_price_lek: int, promotions: Iterable[PromotionTerms]) -> int | None:
    """R8: return the shop's price with the best single promotion; None without one.

    Percentages are rounded half-up to the Lek: −30 % on 1.000 is 700 (E7).
    """
    return min((_with_promotion(list_price_lek, p) for p in promotions), default=None)


def _with_promotion(list_price_lek: int, promotion: PromotionTerms) -> int:
    if promotion["kind"] == "percent":
        return (list_price_lek * (100 - promotion["value"]) + 50) // 100
    return max(list_price_lek - promotion["value"], 0)

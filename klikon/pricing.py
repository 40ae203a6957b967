"""What an activation costs. Pure: numbers in, numbers out, whole Lek."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Price:
    """List price, discount, and what is charged, in Lek."""

    list_price_lek: int
    discount_lek: int

    @property
    def charged_lek(self) -> int:
        """R6, R10: the list price minus the discount; this is what the cap counts."""
        return self.list_price_lek - self.discount_lek


def affordable(prices: list[Price], room_lek: int) -> list[Price]:
    """The prices that still fit into the room (E5), cheapest first."""
    return sorted(
        (price for price in prices if price.charged_lek <= room_lek),
        key=lambda price: price.charged_lek,
    )

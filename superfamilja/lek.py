"""Money of the house: whole Lek as integers, VAT included; VAT itself to the hundredth."""

from decimal import ROUND_HALF_UP, Decimal

VAT_PERCENT = 20


def vat_within(total_lek: int) -> Decimal:
    """The VAT inside a total in Lek, half-up to 0.01, computed once on a total (E2)."""
    return (Decimal(total_lek) * VAT_PERCENT / (100 + VAT_PERCENT)).quantize(
        Decimal("0.01"), ROUND_HALF_UP
    )


def grouped(amount_lek: int) -> str:
    """6500 → 6.500, as Albanian writes it in either language of the portal."""
    return f"{amount_lek:,}".replace(",", ".")


def lek(amount_lek: int) -> str:
    """6500 → «6.500 Lekë»; an amount never stands bare (people still think in old lek)."""
    return f"{grouped(amount_lek)} Lekë"

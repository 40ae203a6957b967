"""Money and numbers, the same on every page."""

from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from superfamilja.accounts.stores import chosen
from superfamilja.audit.verbs import spoken_verb
from superfamilja.values import lek as money
from superfamilja.values import phone
from superfamilja.values.months import bill_month, month_label

register = template.Library()


@register.filter
def lek(amount_lek: int) -> SafeString:
    """6500 → «6.500 Lekë», digits of one width."""
    return format_html('<span class="lek">{}</span>', money.lek(amount_lek))


@register.filter
def vat(amount_lek: Decimal) -> str:
    """1083.33 → «1.083,33 Lekë»."""
    whole, _, hundredths = f"{amount_lek:.2f}".partition(".")
    return f"{'-' if whole == '-0' else ''}{money.grouped(int(whole))},{hundredths} Lekë"


@register.filter
def spoken(e164: str) -> SafeString:
    """+355671234567 → 067 123 4567, never broken over two lines."""
    return format_html('<span class="number">{}</span>', phone.spoken(e164))


@register.filter
def masked(e164: str) -> SafeString:
    """Enough of a number to recognise it."""
    return format_html('<span class="number">{}</span>', phone.masked(e164))


register.filter("month", month_label)
register.filter("on_bill", bill_month)


@register.inclusion_tag("look/who.html")
def who(name: str, seat: int, size: str = "") -> dict[str, Any]:
    """A person's colour with the letter, so that colour is never the only sign."""
    return {"letter": name[:1].upper(), "seat": seat, "size": size}


@register.inclusion_tag("look/field.html")
def field(field: Any) -> dict[str, Any]:
    """A form field with its label, help and errors."""
    return {"field": field}


@register.simple_tag(takes_context=True)
def bound_to(context: dict[str, Any]) -> dict[str, Any]:
    """The shop of this session of staff, and whether there is another to go to."""
    request = context.get("request")
    if request is None:
        return {}
    return {"store": chosen.current(request), "may_change": chosen.may_change(request)}


register.filter("act", spoken_verb)

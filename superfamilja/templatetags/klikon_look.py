"""Money and numbers, the same on every page."""

from decimal import Decimal
from typing import Any

from crispy_forms.templatetags.crispy_forms_filters import as_crispy_errors, as_crispy_field
from django import template
from django.forms import BaseForm, BoundField
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from superfamilja.accounts.stores import chosen
from superfamilja.audit.verbs import spoken_verb
from superfamilja.values import lek as money
from superfamilja.values import phone
from superfamilja.values.months import bill_month, month_label
from superfamilja.web import form_layout

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


@register.simple_tag
def field(field: BoundField) -> SafeString:
    """Draw one field, where a page has more to say between two of them."""
    html: SafeString = as_crispy_field(field)
    return html


@register.simple_tag(takes_context=True)
def fields(context: Context, form: BaseForm) -> SafeString:
    """Draw all fields of a form as its layout says."""
    return form_layout.drawn(form, context.flatten())


@register.filter
def errors(form: BaseForm) -> SafeString:
    """List what is wrong in a form, each error with the way to its field."""
    html: SafeString = as_crispy_errors(form)
    return html


@register.simple_tag
def carried(form: BaseForm | None, *left_out: str) -> SafeString:
    """Carry what was typed to the next page, out of sight, but for the fields that are named.

    A form with secrets is not carried: then there is no form.
    """
    kept = (field for field in form or () if field.name not in left_out)
    return format_html_join("\n", "{}", ((field.as_hidden(),) for field in kept))


@register.filter
def option(field: BoundField, value: object) -> SafeString:
    """Draw the one radio of a choice that has this value; a card says the rest."""
    found: SafeString = next(
        one.tag() for one in field.subwidgets if str(one.data["value"]) == str(value)
    )
    return found


@register.simple_tag(takes_context=True)
def bound_to(context: dict[str, Any]) -> dict[str, Any]:
    """The shop of this session of staff, and whether there is another to go to."""
    request = context.get("request")
    if request is None:
        return {}
    return {"store": chosen.current(request), "may_change": chosen.may_change(request)}


register.filter("act", spoken_verb)

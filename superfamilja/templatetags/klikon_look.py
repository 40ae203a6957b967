"""Draw money, numbers and form fields the same on every page."""

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
    """Return «6.500 Lekë» for 6500, with digits of one width."""
    return format_html('<span class="lek">{}</span>', money.lek(amount_lek))


@register.filter
def vat(amount_lek: Decimal) -> str:
    """Return «1.083,33 Lekë» for 1083.33."""
    whole, _, hundredths = f"{amount_lek:.2f}".partition(".")
    return f"{'-' if whole == '-0' else ''}{money.grouped(int(whole))},{hundredths} Lekë"


@register.filter
def spoken(e164: str) -> SafeString:
    """Return 067 123 4567 for +355671234567, never broken over two lines."""
    return format_html('<span class="number">{}</span>', phone.spoken(e164))


@register.filter
def masked(e164: str) -> SafeString:
    """Return enough of a number to recognise it."""
    return format_html('<span class="number">{}</span>', phone.masked(e164))


register.filter("month", month_label)
register.filter("on_bill", bill_month)


@register.inclusion_tag("look/who.html")
def who(name: str, seat: int, size: str = "") -> dict[str, Any]:
    """Return a person's colour with the letter, so that colour is never the only sign."""
    return {"letter": name[:1].upper(), "seat": seat, "size": size}


@register.simple_tag
def field(field: BoundField) -> SafeString:
    """Draw one field, for pages with more to say between two fields."""
    html: SafeString = as_crispy_field(field)
    return html


@register.simple_tag(takes_context=True)
def fields(context: Context, form: BaseForm) -> SafeString:
    """Draw all fields of a form as its layout says."""
    return form_layout.drawn(form, context.flatten())


@register.filter
def errors(form: BaseForm) -> SafeString:
    """List the errors of a form, each with a link to its field."""
    html: SafeString = as_crispy_errors(form)
    return html


@register.simple_tag
def carried(form: BaseForm | None, *left_out: str) -> SafeString:
    """Carry typed values to the next page as hidden fields, except for the named ones.

    A form with secrets is never carried: then `form` is None.
    """
    kept = (field for field in form or () if field.name not in left_out)
    return format_html_join("\n", "{}", ((field.as_hidden(),) for field in kept))


@register.filter
def option(field: BoundField, value: object) -> SafeString:
    """Draw the one radio button of a choice that has this value; a card shows the rest."""
    found: SafeString = next(
        one.tag() for one in field.subwidgets if str(one.data["value"]) == str(value)
    )
    return found


@register.simple_tag(takes_context=True)
def bound_to(context: dict[str, Any]) -> dict[str, Any]:
    """Return the shop of this staff session, and whether there is another to change to."""
    request = context.get("request")
    if request is None:
        return {}
    return {"store": chosen.current(request), "may_change": chosen.may_change(request)}


register.filter("act", spoken_verb)

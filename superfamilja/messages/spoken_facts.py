"""Frozen facts in people's words: the filters of messages."""

from django import template

from superfamilja.values import lek, months, phone

register = template.Library()
register.filter("lek", lek.lek)
register.filter("spoken", phone.spoken)
register.filter("masked", phone.masked)
# From the month of the charge, which messages written before this filter have, too.
register.filter("on_bill", months.bill_label)

_LONGEST_NAME = 12


@register.filter
def given(name: str) -> str:
    """«Elira Dardha» → «Elira»: a family knows who that is, and a part has seventy letters."""
    first = name.split(maxsplit=1)[0] if name.strip() else name
    return first if len(first) <= _LONGEST_NAME else first[: _LONGEST_NAME - 1] + "."

"""Filter the stored facts of a message into words for people."""

from django import template

from superfamilja.values import lek, months, phone

register = template.Library()
register.filter("lek", lek.lek)
register.filter("spoken", phone.spoken)
register.filter("masked", phone.masked)
# Computed from the month of the charge, because messages written before this filter store only
# that.
register.filter("on_bill", months.bill_label)

_LONGEST_NAME = 12


@register.filter
def given(name: str) -> str:
    """«Elira Dardha» → «Elira»: the family knows who that is, and one SMS part has 70 letters."""
    first = name.split(maxsplit=1)[0] if name.strip() else name
    return first if len(first) <= _LONGEST_NAME else first[: _LONGEST_NAME - 1] + "."

"""Draw the bar of a month, the same on every page."""

from typing import Any

from django import template

from klikon.reading.bar import Bar

register = template.Library()


@register.inclusion_tag("look/bar.html")
def bar(bar: Bar, label: str, table: bool = True) -> dict[str, Any]:
    """Draw the bar with its label and, beside it, its table."""
    return {"bar": bar, "label": label, "table": table}

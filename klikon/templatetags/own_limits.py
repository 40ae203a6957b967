"""Show a limit in packages, the same on every page."""

from django import template

from groups.models import TermsVersion
from klikon.payer import limits

register = template.Library()


@register.filter
def in_packages(limit_lek: int, in_force: TermsVersion) -> str:
    """Return «6.500 Lekë (= 13 × Super 700)» for 6500."""
    return limits.spoken(limit_lek, in_force)

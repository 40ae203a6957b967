"""The light of the books, for the frame of every staff page."""

from typing import Any

from django import template

from billing.reconciliation.light import Light, light
from superfamilja.clock import portal_clock

register = template.Library()


@register.simple_tag(takes_context=True)
def light_of_the_books(context: dict[str, Any]) -> Light | None:
    """Return the light for staff who are signed in; one statement. None for anybody else."""
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated:
        return None
    return light(portal_clock.now())

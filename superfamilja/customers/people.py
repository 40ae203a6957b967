"""Who may sign in with a number, and as what: asked of the rooms above, named in settings."""

from dataclasses import dataclass, field

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class OnFile:
    """What is known of a mobile number (E.164).

    `payer_of`: the contracts whose contact mobile it is. `language`: how it is spoken to.
    `is_shared`: two different owners gave this number, so nobody can tell who is calling.
    """

    is_known: bool
    payer_of: frozenset[int] = field(default_factory=frozenset)
    language: str = "sq"
    is_shared: bool = False


def on_file(msisdn: str) -> OnFile:
    """Ask the provider that settings name."""
    found: OnFile = import_string(settings.CUSTOMER_PROVIDER)(msisdn)
    return found

"""Ask the rooms above, through a setting, who may sign in with a number and as what."""

from dataclasses import dataclass, field

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class OnFile:
    """The facts known about a mobile number (E.164).

    `payer_of` lists the contracts whose contact mobile it is. `language` is the one to write to it
    in. `is_shared` means that two different owners gave this number, so the caller is unknown.
    """

    is_known: bool
    payer_of: frozenset[int] = field(default_factory=frozenset)
    language: str = "sq"
    is_shared: bool = False


def on_file(msisdn: str) -> OnFile:
    """Ask the provider that the settings name."""
    found: OnFile = import_string(settings.CUSTOMER_PROVIDER)(msisdn)
    return found

"""Ask the shops about papers of another door, through settings."""

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from klikon.models import Declaration
from superfamilja.accounts.models import Store


class BlankOnFile(Protocol):
    """A numbered blank form that a customer signed in a shop."""

    @property
    def number(self) -> str: ...
    @property
    def store(self) -> Store: ...


def blank_signed_as(declaration: Declaration) -> BlankOnFile | None:
    """Return the blank form that was signed in place of a print, or None."""
    blank: BlankOnFile | None = import_string(settings.SIGNED_BLANK_PROVIDER)(declaration)
    return blank

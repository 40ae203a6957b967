"""Outcomes of a call, for the register of calls."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CallOutcome(TextChoices):
    """The outcome of a call."""

    INFORMED = "informed", _("informed")
    ACTIVATED = "activated", _("activated")
    WAITING = "waiting", _("waits for the Fixed Leader")
    REFUSED = "refused", _("refused")
    FROZEN = "frozen", _("stopped by the Fixed Leader")

    @property
    def is_done(self) -> bool:
        """Return whether the call achieved something, which a later refusal does not undo."""
        return self in {CallOutcome.ACTIVATED, CallOutcome.WAITING, CallOutcome.FROZEN}

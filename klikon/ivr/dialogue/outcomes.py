"""What a call came to, for the register of calls."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CallOutcome(TextChoices):
    """What the call came to."""

    INFORMED = "informed", _("informed")
    ACTIVATED = "activated", _("activated")
    WAITING = "waiting", _("waits for the Fixed Leader")
    REFUSED = "refused", _("refused")
    FROZEN = "frozen", _("stopped by the Fixed Leader")

    @property
    def is_done(self) -> bool:
        """Whether something came of the call, which a later no does not undo."""
        return self in {CallOutcome.ACTIVATED, CallOutcome.WAITING, CallOutcome.FROZEN}

"""Take the place of Django's own `changepassword`. A password is given in the portal."""

from superfamilja.accounts.requests.refused_command import RefusedCommand


class Command(RefusedCommand):
    """Refuse."""

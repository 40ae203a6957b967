"""Replace Django's own `changepassword`: passwords are set in the portal only."""

from superfamilja.accounts.requests.refused_command import RefusedCommand


class Command(RefusedCommand):
    """Refuse."""

"""Take the place of Django's own `changepassword`. A password is given in the portal."""

from superfamilja.accounts.second_person.refused_command import RefusedCommand


class Command(RefusedCommand):
    """Refuse."""

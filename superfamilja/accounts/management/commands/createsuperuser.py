"""Take the place of Django's own `createsuperuser`: the roles of staff say what they may."""

from superfamilja.accounts.requests.refused_command import RefusedCommand


class Command(RefusedCommand):
    """Refuse."""

"""Replace Django's own `createsuperuser`: only roles say what staff may do."""

from superfamilja.accounts.requests.refused_command import RefusedCommand


class Command(RefusedCommand):
    """Refuse."""

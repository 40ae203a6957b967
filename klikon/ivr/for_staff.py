"""Let staff read the register of calls."""

from superfamilja.accounts import roles
from superfamilja.accounts.roles import EVERYBODY


def register() -> None:
    """Give the permissions of this app to the roles."""
    roles.grant("ivr.view_phonecall", EVERYBODY)

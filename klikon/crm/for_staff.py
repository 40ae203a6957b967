"""Who of staff reads what the CRM told."""

from superfamilja.accounts import roles
from superfamilja.accounts.roles import READS_MONEY


def register() -> None:
    """Tell the accounts what each role may."""
    roles.grant("crm.view_crmevent", READS_MONEY)

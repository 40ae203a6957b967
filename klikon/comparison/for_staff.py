"""Register the acts of staff in this room, and what each role may do."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from superfamilja.accounts import roles
from superfamilja.accounts.roles import CORRECTS_BILLS, READS_MONEY
from superfamilja.audit import verbs

ACTS = {
    "compare_books": _("Orders compared with the charging system after a restore"),
    "propose_ending": _("Ending of a compared order proposed"),
    "confirm_ending": _("Ending of a compared order confirmed"),
    "propose_end_of_halt": _("End of the standstill proposed"),
    "end_halt": _("Standstill after a restore ended"),
}
# Permission → (place on the first page, words).
MAY = {
    "comparison.end_line": (
        15,
        gettext_noop("compare the books with another person after a restore"),
    ),
}


def register() -> None:
    """Register the words with the audit and the permissions with the roles."""
    verbs.register(ACTS)
    roles.describe(MAY)
    roles.grant("comparison.view_comparedorder", READS_MONEY)
    roles.grant("comparison.end_line", CORRECTS_BILLS)

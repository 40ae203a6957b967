"""What staff do with files that come in: the words of their acts, and what each role may do."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from superfamilja.accounts import roles
from superfamilja.accounts.roles import CORRECTS_BILLS, READS_TRAIL
from superfamilja.audit import verbs

ACTS = {
    "receive_file": _("File received"),
    "confirm_file": _("Loading of a file confirmed"),
    "agree_to_file": _("Loading of a file agreed to, as a second person"),
    "discard_file": _("File put aside"),
    "retry_file": _("Loading of a file tried again"),
    "undo_file": _("Undoing of a file confirmed"),
    "undo_import": _("Subscriber file undone"),
}
MAY = {
    "incoming.load_files": (
        9,
        gettext_noop("send in the subscriber file, look at what it would change, and load it"),
    ),
}


def register() -> None:
    """Tell the audit the words, and the accounts what each role may."""
    verbs.register(ACTS)
    roles.describe(MAY)
    roles.grant("incoming.view_incomingfile", (*CORRECTS_BILLS, *READS_TRAIL))
    roles.grant("incoming.load_files", CORRECTS_BILLS)

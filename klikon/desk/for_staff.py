"""Register the acts of staff in this room, and what each role may do."""

from django.utils.translation import gettext_lazy as _

from superfamilja.accounts import roles
from superfamilja.accounts.roles import READS_TRAIL, STORE_MANAGER
from superfamilja.audit import verbs

ACTS = {
    "open_draft": _("Request opened at the desk"),
    "discard_draft": _("Request discarded"),
    "restore_draft": _("Discarded request brought back"),
    "print_paper": _("Paper printed for the signature"),
    "use_blank": _("Blank form used"),
    "print_blanks": _("Blank forms printed"),
    "send_code": _("Code sent for a paper in the shop"),
    "send_for_approval": _("Request sent to the manager"),
    "approve_draft": _("Request approved by a second person"),
    "send_back_draft": _("Request sent back to the clerk"),
    "attach_scan": _("Signed paper scanned"),
    "refuse_scan": _("Scan of another paper refused"),
    "vouch_for_scan": _("Scan without its QR code vouched for"),
    "withdraw_scan": _("Scan taken back"),
    "view_draft": _("Request looked at"),
    "view_scan": _("Scan looked at"),
    "view_paper": _("Paper looked at"),
    "file_papers": _("Papers filed"),
    "post_letters": _("Letters posted"),
    "close_day": _("Day closed in the shop"),
}


def register() -> None:
    """Register the words with the audit and the permissions with the roles."""
    verbs.register(ACTS)
    roles.grant("desk.view_draft", READS_TRAIL)
    roles.grant("desk.view_dayend", READS_TRAIL)
    roles.grant("desk.approve_declaration", (STORE_MANAGER,))

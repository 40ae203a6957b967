"""Register the acts of staff in this room, and what each role may do."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from superfamilja.accounts import roles
from superfamilja.accounts.roles import CORRECTS_BILLS, EVERYBODY, READS_TRAIL
from superfamilja.audit import verbs

ACTS = {
    "mark_order_done": _("Order marked as delivered"),
    "reverse_order": _("Order given up, charge reversed"),
    "ask_order_again": _("Order asked for again"),
    "close_callback": _("Callback for an unknown order looked into"),
}
# Permission → (place on the first page, words).
MAY = {
    "provisioning.decide_order": (14, gettext_noop("decide on orders that wait for a person")),
}


def register() -> None:
    """Register the words with the audit and the permissions with the roles."""
    verbs.register(ACTS)
    roles.describe(MAY)
    roles.grant("provisioning.view_order", EVERYBODY)
    roles.grant("provisioning.view_unknowncallback", (*READS_TRAIL, *CORRECTS_BILLS))
    roles.grant("provisioning.decide_order", CORRECTS_BILLS)

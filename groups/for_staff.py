"""Register the acts of staff in this room, and what each role may do."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from superfamilja.accounts import roles
from superfamilja.accounts.roles import (
    ADMINISTRATOR,
    EVERYBODY,
    IN_A_STORE,
    READS_TRAIL,
    STORE_MANAGER,
)
from superfamilja.audit import verbs

ACTS = {
    "open_customer": _("Customer opened"),
    "open_group": _("Group opened"),
    "close_group": _("Group closed"),
    "add_member": _("Member added"),
    "remove_member": _("Member removed"),
    "call_member": _("Member named by the payer"),
    "change_contact": _("Contact mobile changed"),
    "dispute_contact": _("Contact mobile said to be not the Fixed Leader's"),
    "prove_contact": _("Contact mobile proven anew"),
    "personal_number_right": _("Personal number typed right"),
    "personal_number_wrong": _("Personal number typed wrong"),
    "search_personal_number": _("Searched by a personal number"),
    "release_tries": _("Let go on after wrong personal numbers"),
    "change_contract_status": _("Status of the contract changed by the CRM"),
    "import_base": _("Subscriber file imported"),
}
# Permission → (place on the first page, words).
MAY = {
    "groups.view_contract": (1, gettext_noop("find a contract and read its group and activations")),
    "groups.serve_groups": (2, gettext_noop("open and close groups, add and remove members")),
}


def register() -> None:
    """Register the words with the audit and the permissions with the roles."""
    verbs.register(ACTS)
    roles.describe(MAY)
    for model in ("contract", "group", "membership", "termsversion", "termsbinding"):
        roles.grant(f"groups.view_{model}", EVERYBODY)
    roles.grant("groups.view_contactchange", EVERYBODY)
    for model in ("baseimport", "contractevent", "groupevent", "membershipevent"):
        roles.grant(f"groups.view_{model}", READS_TRAIL)
    roles.grant("groups.serve_groups", IN_A_STORE, ordinary=True)
    roles.grant("groups.release_tries", (STORE_MANAGER, ADMINISTRATOR))

"""Register the acts on accounts, and what each role may do with them.

The audit and the outbox stand below the accounts, so this module grants their permissions, too.
"""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from superfamilja.accounts import roles
from superfamilja.accounts.roles import ADMINISTRATOR, EVERYBODY, READS_TRAIL, STORE_MANAGER
from superfamilja.audit import verbs

ACTS = {
    "create_staff": _("Member of staff added"),
    "disable_staff": _("Staff account disabled"),
    "enable_staff": _("Staff account let in again"),
    "change_role": _("Role of staff changed"),
    "move_staff": _("Member of staff moved to other shops"),
    "make_store": _("Shop added"),
    "rename_store": _("Shop renamed"),
    "shut_store": _("Shop shut"),
    "reopen_store": _("Shop opened again"),
    "sign_in_to_store": _("Signed in to a shop"),
    "change_store": _("Went to another shop"),
    "give_temporary_password": _("Temporary password given"),
    "reset_second_factor": _("Lost second factor forgotten"),
    "sign_out_everywhere": _("Signed out everywhere"),
    "change_staff_mobile": _("Mobile number of staff changed"),
    "ask_account_act": _("Change of a staff account asked for"),
    "withdraw_account_act": _("Change of a staff account: request withdrawn"),
    "decline_account_act": _("Change of a staff account: request declined"),
    "acknowledge_account_notice": _("Owner of a staff account read what was done to it"),
    "shut_own_account": _("Staff account shut by its owner"),
    "first_administrators": _("First administrators made on the server"),
    "administrator_by_server": _("ADMINISTRATOR MADE OR LET IN AGAIN ON THE SERVER"),
}
# Permission → (place on the first page, words).
MAY = {
    "outbox.view_outgoingmessage": (17, gettext_noop("read the SMS that families get")),
    "audit.view_act": (18, gettext_noop("read who did what, when and why")),
    "accounts.change_user": (19, gettext_noop("look after the staff and their roles")),
    "accounts.change_store": (20, gettext_noop("make, rename and shut shops")),
}


def register() -> None:
    """Register the words with the audit and the permissions with the roles."""
    verbs.register(ACTS)
    roles.describe(MAY)
    roles.grant("outbox.view_outgoingmessage", EVERYBODY)
    roles.grant("audit.view_act", (*READS_TRAIL, STORE_MANAGER))
    for model in ("user", "userevent", "store"):
        roles.grant(f"accounts.view_{model}", READS_TRAIL)
    for act in ("add", "change"):
        roles.grant(f"accounts.{act}_user", (ADMINISTRATOR,))
        roles.grant(f"accounts.{act}_store", (ADMINISTRATOR,))

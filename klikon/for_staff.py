"""Register the acts of staff in this room, and what each role may do."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from superfamilja.accounts import roles
from superfamilja.accounts.roles import (
    CARE_AGENT,
    CORRECTS_BILLS,
    EVERYBODY,
    IN_A_STORE,
    READS_TRAIL,
)
from superfamilja.audit import verbs

ACTS = {
    "assign_leader": _("Mobile Leader named by Declaration"),
    "cancel_declaration": _("Declaration cancelled as a mistake of the shop"),
    "revoke_leader": _("Mobile Leader revoked"),
    "give_back_leadership": _("Leadership given back by the Mobile Leader"),
    "freeze_leader": _("Mobile Leader stopped"),
    "unfreeze_leader": _("Mobile Leader allowed again"),
    "number_changed": _("Number of the Mobile Leader changed hands"),
    "set_limit": _("Own limit set"),
    "lift_limit": _("Own limit lifted"),
    "keep_limit": _("Own limit kept in the new group"),
    "set_ask_above": _("“Ask me first” set"),
    "lift_ask_above": _("“Ask me first” lifted"),
    "keep_ask_above": _("“Ask me first” kept in the new group"),
    "approve_request": _("Waiting request approved"),
    "decline_request": _("Waiting request declined"),
    "set_phone_pin": _("PIN of the phone channel set"),
    "remove_phone_pin": _("PIN of the phone channel removed"),
    "lock_phone": _("Phone channel locked after three wrong PINs"),
    "unlock_phone": _("Phone channel unlocked"),
    "import_catalogue": _("Catalogue imported"),
    "correct_price": _("Wrong price of a package put right"),
    "import_promotions": _("Promotions imported"),
}
# Permission → (place on the first page, words).
MAY = {
    "klikon.record_declaration": (
        3,
        gettext_noop("name and revoke the Mobile Leader, set limits, when the Fixed Leader asks"),
    ),
    "klikon.freeze_leader": (4, gettext_noop("stop the Mobile Leader when the Fixed Leader asks")),
    "klikon.activate_on_behalf": (
        5,
        gettext_noop("activate a Super package when the Mobile Leader asks for it"),
    ),
}
_READ_BY_ALL = (
    "package",
    "declaration",
    "leaderassignment",
    "activation",
    "promotion",
    "ownlimit",
    "askabove",
    "waitingrequest",
)


def register() -> None:
    """Register the words with the audit and the permissions with the roles."""
    verbs.register(ACTS)
    roles.describe(MAY)
    for model in _READ_BY_ALL:
        roles.grant(f"klikon.view_{model}", EVERYBODY)
    roles.grant("klikon.view_refusedactivation", READS_TRAIL)
    roles.grant("klikon.view_leaderfreeze", READS_TRAIL)
    roles.grant("klikon.record_declaration", IN_A_STORE, ordinary=True)
    roles.grant("klikon.freeze_leader", (CARE_AGENT, *IN_A_STORE), ordinary=True)
    roles.grant("klikon.activate_on_behalf", (CARE_AGENT,), ordinary=True)
    roles.grant("klikon.correct_price", CORRECTS_BILLS)

"""What the acts are called on the screen. An act without a name here shows its own."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SPOKEN: dict[str, Promise] = {
    "open_group": _("Group opened"),
    "close_group": _("Group closed"),
    "add_member": _("Member added"),
    "remove_member": _("Member removed"),
    "call_member": _("Member named by the payer"),
    "change_contact": _("Contact mobile changed"),
    "assign_leader": _("Mobile Leader named by Declaration"),
    "revoke_leader": _("Mobile Leader revoked"),
    "give_back_leadership": _("Leadership given back by the Mobile Leader"),
    "freeze_leader": _("Mobile Leader stopped"),
    "unfreeze_leader": _("Mobile Leader allowed again"),
    "number_changed": _("Number of the Mobile Leader changed hands"),
    "set_limit": _("Own limit set"),
    "lift_limit": _("Own limit lifted"),
    "set_ask_above": _("“Ask me first” set"),
    "lift_ask_above": _("“Ask me first” lifted"),
    "approve_request": _("Waiting request approved"),
    "decline_request": _("Waiting request declined"),
    "set_phone_pin": _("PIN of the phone channel set"),
    "remove_phone_pin": _("PIN of the phone channel removed"),
    "lock_phone": _("Phone channel locked after three wrong PINs"),
    "unlock_phone": _("Phone channel unlocked"),
    "import_base": _("Subscriber file imported"),
    "import_catalogue": _("Catalogue imported"),
    "import_promotions": _("Promotions imported"),
    "give_credit": _("Credit given"),
    "reverse_charge": _("Charge reversed"),
    "ask_question": _("Question about a charge"),
    "make_complaint": _("Question became a complaint"),
    "answer_question": _("Question answered"),
    "close_question": _("Question closed"),
    "mark_order_done": _("Order marked as delivered"),
    "reverse_order": _("Order given up, charge reversed"),
    "ask_order_again": _("Order asked for again"),
    "export_month": _("Month exported for the fixed bill"),
    "export_draft": _("Draft of a month exported"),
    "close_month": _("Month closed"),
    "cancel_close": _("Close of a month cancelled"),
    "approve_month": _("Month approved"),
    "parked_recounted": _("Parked entry counted anew from its lines"),
    "propose_acceptance": _("Acceptance of a parked entry proposed"),
    "parked_accepted": _("Parked entry accepted as it stands"),
    "create_staff": _("Member of staff added"),
    "disable_staff": _("Staff account disabled"),
    "enable_staff": _("Staff account let in again"),
    "change_role": _("Role of staff changed"),
    "give_temporary_password": _("Temporary password given"),
    "reset_second_factor": _("Lost second factor forgotten"),
    "sign_out_everywhere": _("Signed out everywhere"),
}


def spoken_verb(verb: str) -> str:
    """open_group → «Group opened», in the language in use."""
    return str(SPOKEN[verb]) if verb in SPOKEN else verb.replace("_", " ")

"""What the acts are called on the screen. An act without a name here shows its own."""

from django.utils.translation import gettext, gettext_noop

_SPOKEN = {
    "open_group": gettext_noop("Group opened"),
    "close_group": gettext_noop("Group closed"),
    "add_member": gettext_noop("Member added"),
    "remove_member": gettext_noop("Member removed"),
    "assign_leader": gettext_noop("Mobile Leader named by Declaration"),
    "base_import": gettext_noop("Subscriber file imported"),
    "give_credit": gettext_noop("Credit given"),
    "reverse_charge": gettext_noop("Charge reversed"),
    "export_month": gettext_noop("Month exported for the fixed bill"),
    "close_month": gettext_noop("Month closed"),
    "cancel_close": gettext_noop("Close of a month cancelled"),
    "approve_month": gettext_noop("Month approved"),
    "parked_recounted": gettext_noop("Parked entry counted anew from its lines"),
    "propose_acceptance": gettext_noop("Acceptance of a parked entry proposed"),
    "parked_accepted": gettext_noop("Parked entry accepted as it stands"),
}


def spoken_verb(verb: str) -> str:
    """open_group → «Group opened», in the language in use."""
    return gettext(_SPOKEN[verb]) if verb in _SPOKEN else verb.replace("_", " ")

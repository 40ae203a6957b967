"""The places of the dialogue in people's words, for the register of calls."""

from django.utils.translation import gettext_lazy as _

PLACES = {
    "arriving": _("who calls"),
    "told": _("told why not"),
    "payer": _("Fixed Leader's menu"),
    "freezing": _("stopping the Mobile Leader"),
    "language": _("other language"),
    "members": _("for whom"),
    "number": _("number spoken back"),
    "looking": _("looking up"),
    "month": _("this month"),
    "packages": _("which package"),
    "again": _("once more?"),
    "pin": _("PIN"),
    "checking_pin": _("checking the PIN"),
    "price": _("price"),
    "activating": _("activating"),
    "afterwards": _("another one?"),
    "care": _("customer care"),
    "end": _("goodbye"),
}

"""Name the places of the dialogue and the refusals, for the register of calls."""

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
# Refusals as the register shows them, shorter than what was said.
REFUSALS = {
    "not_the_leader": _("does not lead"),
    "leader_frozen": _("stopped Mobile Leader"),
    "contract_suspended": _("contract suspended"),
    "channel_not_allowed": _("channel not in the terms"),
    "phone_locked": _("phone channel locked"),
    "pin_not_given": _("PIN not given"),
    "wrong_pin": _("wrong PIN"),
    "no_pin": _("no PIN set"),
    "not_in_the_group": _("number outside the group"),
    "not_a_klik_on_package": _("not a Klik-ON package"),
    "price_changed": _("price changed meanwhile"),
    "repeat_not_confirmed": _("repetition not confirmed"),
    "over_the_cap": _("over the cap"),
    "over_the_groups_limit": _("over the group's limit"),
    "over_the_members_limit": _("over the member's limit"),
    "declined_by_the_fixed_leader": _("declined by the Fixed Leader"),
    "not_approved_in_time": _("not approved in time"),
    "request_cancelled": _("request cancelled"),
    "key_used_for_something_else": _("request used already"),
}

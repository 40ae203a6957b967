"""Refusals of acts on staff and shops."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext, gettext_noop

from superfamilja.refusal import Refusal


class NotAnAdministrator(Refusal):
    rule = "staff"
    code = "not_an_administrator"
    sentence = gettext_noop("Only an administrator may do this.")


class NotToYourself(Refusal):
    rule = "staff"
    code = "not_to_yourself"
    sentence = gettext_noop("Nobody changes his own account: ask another administrator.")


class UsernameTaken(Refusal):
    rule = "staff"
    code = "username_taken"
    sentence = gettext_noop("The username “%(username)s” is taken; it is never given twice.")


class UnknownRole(Refusal):
    rule = "staff"
    code = "unknown_role"
    sentence = gettext_noop("There is no such role.")


class StoreMissing(Refusal):
    rule = "staff"
    code = "store_missing"
    sentence = gettext_noop("The role “%(role)s” needs at least one open shop: choose it.")

    def shown(self) -> dict[str, str]:
        return {"role": gettext(self.details["role"])}


class NotInAStore(Refusal):
    rule = "staff"
    code = "not_in_a_store"
    sentence = gettext_noop("This person's role works in no shop: change the role instead.")


class StoreCodeTaken(Refusal):
    rule = "staff"
    code = "store_code_taken"
    sentence = gettext_noop("There is a shop with the code %(code)s already.")


class NotYourStore(Refusal):
    rule = "staff"
    code = "not_your_store"
    sentence = gettext_noop("This shop is shut, or you do not work there any more.")


class NoStore(Refusal, PermissionDenied):
    """Django answers 403 when no view catches it, because it is a PermissionDenied as well."""

    rule = "staff"
    code = "no_store"
    sentence = gettext_noop("This is done in a shop, and you are not signed in to one.")


class LastAdministrator(Refusal):
    rule = "staff"
    code = "last_administrator"
    sentence = gettext_noop("This is the last administrator: name another one first.")


class SecondAdministratorNeeded(Refusal):
    rule = "R35"
    code = "second_administrator_needed"
    sentence = gettext_noop(
        "This account approves, credits or administers, or would from then on. Ask for it; another "
        "administrator confirms."
    )


class MobileTaken(Refusal):
    rule = "R35"
    code = "mobile_taken"
    sentence = gettext_noop(
        "Another account has this mobile number. Each person is told on a number of their own."
    )


class MobileMissing(Refusal):
    rule = "R35"
    code = "mobile_missing"
    sentence = gettext_noop(
        "An account that approves, credits or administers needs the person's own mobile number: "
        "what happens to the account is told there. Set it first."
    )


class AskedAlready(Refusal):
    rule = "R35"
    code = "account_act_asked_already"
    sentence = gettext_noop(
        "The same was asked for already and waits for another administrator. Nothing was added."
    )


class RequestOver(Refusal):
    rule = "R35"
    code = "account_request_over"
    sentence = gettext_noop(
        "This request was confirmed, declined or withdrawn meanwhile, or its time is over. Nothing "
        "was changed; ask for it anew if it is still needed."
    )


class YourOwnRequest(Refusal):
    rule = "R35"
    code = "your_own_request"
    sentence = gettext_noop("You asked for this yourself: another administrator confirms it.")


class AboutYourself(Refusal):
    rule = "R35"
    code = "about_yourself"
    sentence = gettext_noop(
        "This is about your own account: another administrator confirms it. You may decline it."
    )


class WayInOpenedByThem(Refusal):
    """One of the two administrators helped to open the other's account: they may be one person."""

    rule = "R35"
    code = "way_in_opened_by_them"
    sentence = gettext_noop(
        "The way in of one of you, %(name)s or you, was opened with the other's help a few days "
        "ago, so a third administrator confirms this."
    )


class AccountChangedSince(Refusal):
    rule = "R35"
    code = "account_changed_since"
    sentence = gettext_noop(
        "The account is not as it was when this was asked for: its role, shops or state changed. "
        "Nothing was done; decline this and let it be asked for anew."
    )


class AskerGone(Refusal):
    rule = "R35"
    code = "asker_gone"
    sentence = gettext_noop(
        "Whoever asked for this is no administrator any more, or their own account was changed a "
        "short time ago. Nothing was done."
    )

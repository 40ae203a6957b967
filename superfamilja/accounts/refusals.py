"""The ways in which an act on staff is refused."""

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
    """Also without a view that catches it, nothing is done: Django answers 403."""

    rule = "staff"
    code = "no_store"
    sentence = gettext_noop("This is done in a shop, and you are not signed in to one.")


class LastAdministrator(Refusal):
    rule = "staff"
    code = "last_administrator"
    sentence = gettext_noop("This is the last administrator: name another one first.")

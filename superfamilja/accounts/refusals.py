"""The ways in which an act on staff is refused."""

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
    sentence = gettext_noop("The role “%(role)s” needs the code of a store.")

    def shown(self) -> dict[str, str]:
        return {"role": gettext(self.details["role"])}


class LastAdministrator(Refusal):
    rule = "staff"
    code = "last_administrator"
    sentence = gettext_noop("This is the last administrator: name another one first.")

"""Why a subscriber file cannot be taken back."""

from django.utils.translation import gettext_noop

from superfamilja.refusal import Refusal


class UndoRefused(Refusal):
    """Base of every refusal to take a file back."""

    rule = "files"


class NotTheLastFile(UndoRefused):
    code = "not_the_last_file"
    sentence = gettext_noop("Another file was loaded after this one. Only the last is undone.")


class HistoryIsSilent(UndoRefused):
    code = "history_is_silent"
    sentence = gettext_noop(
        "What this file changed can no longer be told apart from the rest. Send in a file that "
        "says how it should be."
    )


class BuiltOn(UndoRefused):
    code = "built_on"
    sentence = gettext_noop(
        "Something was built on what this file brought (%(what)s: %(number)s). Send in a file that "
        "ends what should not be."
    )


class ChangedSince(UndoRefused):
    code = "changed_since"
    sentence = gettext_noop(
        "Contracts, groups or members that this file changed were changed again since "
        "(%(number)s). Send in a file that says how they should be."
    )


class ContactSettled(UndoRefused):
    code = "contact_settled"
    sentence = gettext_noop(
        "With this file the CRM overruled contact numbers that were changed here (%(number)s). "
        "That is not taken back: change each contact with its Fixed Leader."
    )


class PlaceTaken(UndoRefused):
    code = "place_taken"
    sentence = gettext_noop(
        "A number, a seat or a fixed number that this file freed belongs to somebody else by now. "
        "Send in a file that says how it should be."
    )

"""Why a file is not taken, or not loaded, or not undone."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop

from groups.incoming.models import FileState
from superfamilja.refusal import Refusal


class FileRefusal(Refusal):
    """Base of every refusal about a file that came in."""

    rule = "files"


def _moment(at: object) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")  # type: ignore[arg-type]


class LoadedBefore(FileRefusal):
    code = "file_loaded_before"
    sentence = gettext_noop("%(who)s loaded this same file on %(when)s. Nothing was changed now.")

    def shown(self) -> dict[str, str]:
        who = self.details["who"] or gettext("A command on the server")
        return {"who": who, "when": _moment(self.details["when"])}


class HereAlready(FileRefusal):
    code = "file_here_already"
    sentence = gettext_noop(
        "This same file is here already: %(who)s sent it on %(when)s, and it %(state)s. Nothing "
        "was changed now."
    )

    def shown(self) -> dict[str, str]:
        return {
            "who": self.details["who"] or gettext("The watched folder"),
            "when": _moment(self.details["when"]),
            "state": str(FileState(self.details["state"]).label),
        }


class RowsNotSaid(FileRefusal):
    code = "rows_not_said"
    sentence = gettext_noop(
        "The file does not say how many rows it has, so a part that is missing would not be "
        "noticed. Let the CRM end it with a line such as #rows=1200, or type the number."
    )


class FileTooLarge(FileRefusal):
    code = "file_too_large"
    sentence = gettext_noop(
        "The file is larger than %(megabytes)s MB. Put it into the watched folder instead."
    )


class FileMoved(FileRefusal):
    code = "file_moved"
    sentence = gettext_noop("Something happened to this file meanwhile. Look at it again.")


class PartlyLoaded(FileRefusal):
    code = "file_partly_loaded"
    sentence = gettext_noop("A part of this file is loaded already. Let the worker try it again.")


class AgreedByYourself(FileRefusal):
    rule = "R35"
    code = "agreed_by_yourself"
    sentence = gettext_noop("You confirmed this file, so a second person agrees to it.")


class FileChangesMore(FileRefusal):
    code = "file_changes_more"
    sentence = gettext_noop(
        "The base has changed since the preview, and the file would now do something else. "
        "Nothing was loaded: look at the new preview."
    )


class FileLost(FileRefusal):
    code = "file_lost"
    sentence = gettext_noop("The file is no longer on the disk, or is damaged. Send it in again.")


class FileFailed(FileRefusal):
    code = "file_failed"
    sentence = gettext_noop(
        "It failed for a technical reason. Try again; if it fails again, call whoever runs the "
        "portal: the log says why."
    )

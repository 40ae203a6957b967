"""Staff acts on a file that came in: load it, agree to it, put it aside, try again."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from groups.incoming import deciding
from groups.incoming.models import FileState, IncomingFile, RowKind
from superfamilja.accounts.models import User
from superfamilja.accounts.site.act_page import ActPage, ReasonForm
from superfamilja.clock import portal_clock

READS = "incoming.view_incomingfile"
LOADS = "incoming.load_files"
Rows = list[tuple[str | Promise, Any]]


class SeenForm(ReasonForm):
    """The yes is to the preview that the person has seen."""

    seen = forms.DateTimeField(widget=forms.HiddenInput)


class IncomingFileAct(ActPage):
    """What the acts on a file share: which one, what it would change, the way back to it."""

    permission_required = (LOADS, READS)
    address: ClassVar[str]
    states: ClassVar[Collection[FileState]]
    is_next: ClassVar[bool] = True
    file: IncomingFile

    def load(self, pk: int) -> None:
        people = ("received_by", "confirmed_by")
        self.file = get_object_or_404(IncomingFile.objects.select_related(*people), pk=pk)

    @classmethod
    def is_possible(cls, file: IncomingFile, person: User) -> bool:
        """Whether the page of the file offers this to this person."""
        return file.state in cls.states

    def back(self) -> tuple[str, str | Promise]:
        return reverse("incoming_file", args=[self.file.pk]), _("Back to the file")

    def subject(self) -> Rows:
        file = self.file
        counts = [(capfirst(k.label), file.figures[k]) for k in RowKind if file.figures.get(k)]
        by = file.received_by.shown_name if file.received_by else _("the watched folder")
        rows: Rows = [(_("File"), file.name), (_("Received from"), by)]
        if file.confirmed_by:
            rows.append((_("Confirmed by"), file.confirmed_by.shown_name))
        return [*rows, *counts]

    def said(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {"file": self.file, "at": portal_clock.now(), "actor": self.actor, **cleaned}


class SeenAct(IncomingFileAct):
    """A yes to what the preview shows."""

    form_class = SeenForm

    def make_form(self, *args: Any) -> forms.Form:
        seen: datetime | None = self.file.previewed_at
        initial = {"seen": seen.isoformat() if seen else ""}
        return SeenForm(*args, initial=initial)


class ConfirmFile(SeenAct):
    address = "confirm_file"
    states = (FileState.PREVIEWED,)
    title = _("Load this file")
    button = _("Yes, load it")
    consequence = _(
        "The worker brings it in as the preview shows; if the base has changed since, it asks "
        "again. A file that is suspicious or large waits for a second person first."
    )
    done = _("Your yes is written down.")

    def perform(self, cleaned: dict[str, Any]) -> IncomingFile:
        return deciding.confirm_file(**self.said(cleaned))


class AgreeToFile(SeenAct):
    address = "agree_to_file"
    states = (FileState.CONFIRMED,)
    title = _("Agree as a second person")
    button = _("Yes, I agree; load it")
    consequence = _("Look at what is suspicious first. With your yes the file is loaded.")
    done = _("Your yes is written down; the file is being loaded.")

    @classmethod
    def is_possible(cls, file: IncomingFile, person: User) -> bool:
        return super().is_possible(file, person) and file.confirmed_by_id != person.pk

    def require(self, cleaned: dict[str, Any]) -> None:
        deciding.require_another(self.file, self.actor)

    def perform(self, cleaned: dict[str, Any]) -> IncomingFile:
        return deciding.agree_to_file(**self.said(cleaned))


class RetryFile(IncomingFileAct):
    address = "retry_file"
    states = (FileState.FAILED,)
    title = _("Try again")
    button = _("Yes, try again")
    consequence = _("A load that stopped in the middle goes on where it was.")
    done = _("The worker tries again.")

    def perform(self, cleaned: dict[str, Any]) -> IncomingFile:
        return deciding.retry_file(**self.said(cleaned))


class DiscardFile(IncomingFileAct):
    address = "discard_file"
    states = (FileState.PREVIEWED, FileState.CONFIRMED, FileState.FAILED)
    is_next = False
    title = _("Put this file aside")
    button = _("Yes, put it aside")
    consequence = _("Nothing of it is loaded. The same file may be sent in again.")
    done = _("The file is put aside.")

    def perform(self, cleaned: dict[str, Any]) -> IncomingFile:
        return deciding.discard_file(**self.said(cleaned))


class UndoFile(IncomingFileAct):
    address = "undo_file"
    states = (FileState.LOADED,)
    is_next = False
    title = _("Undo this file")
    button = _("Yes, undo it")
    consequence = _(
        "What the file brought is removed, what it changed is as it was, what it ended goes on. It "
        "is possible only for the last file, and while nothing was built on it. SMS that were sent "
        "stay sent."
    )
    done = _("The worker undoes the file.")

    @classmethod
    def is_possible(cls, file: IncomingFile, person: User) -> bool:
        return super().is_possible(file, person) and file.base_import_id is not None

    def perform(self, cleaned: dict[str, Any]) -> IncomingFile:
        return deciding.undo_file(**self.said(cleaned))


FILE_ACTS: tuple[type[IncomingFileAct], ...] = (
    ConfirmFile,
    AgreeToFile,
    RetryFile,
    DiscardFile,
    UndoFile,
)

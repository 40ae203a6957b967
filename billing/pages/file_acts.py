"""Staff acts on files for the fixed bill: approve the month, issue its file, take a draft."""

import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django import forms
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing import charges
from billing.models import BillMonth, IssuedFile
from billing.month import closing, export, figures, next_file
from billing.month.next_file import NextFile
from billing.pages.charge_forms import ApproveForm, FileForm
from billing.pages.month_acts import ClosedMonthAct, MonthAct, Rows, bound_anew
from superfamilja.refusal import Refusal
from superfamilja.values.lek import grouped, lek


class FileAct(MonthAct):
    """Base of the acts on files: shows what the file will hold beside the figures of the close.

    Parked entries may have been resolved since the close. The person confirms exactly what was
    shown.
    """

    form_class: type[forms.Form] = FileForm
    shows_figures = True

    def check(self, form: forms.Form) -> HttpResponse:
        if not charges.is_closed(self.month):
            return super().check(form)
        held = next_file.of_month(self.month)
        looked = bound_anew(form, self.make_form, {"file": json.dumps(asdict(held))})
        looked.is_valid()
        return self.show(
            self.check_template,
            form=looked,
            typed=self.typed(looked),
            file=self.file_rows(held),
            **self.figures(),
        )

    def file_rows(self, held: NextFile) -> Rows:
        closed = figures.of_month(self.month)
        rows: Rows = [(_("In the file, as of now"), _counted(held.entries, held.amount_lek))]
        if held.resolved:
            rows.append((_("Of these, parked at the close and resolved since"), held.resolved))
        rows.append((_("On the bills at the close"), _counted(closed.entries, closed.bills_lek)))
        return rows

    def refused(self, form: forms.Form, refusal: Refusal) -> HttpResponse:
        return super().refused(bound_anew(form, self.make_form, {"file": ""}), refusal)

    def said(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        return {**super().said(cleaned), "expected": cleaned["file"] or NextFile()}


def _counted(entries: int, amount_lek: int) -> str:
    words = ngettext("%(number)s entry", "%(number)s entries", entries)
    return f"{words % {'number': grouped(entries)}}, {lek(amount_lek)}"


class ApproveMonth(FileAct, ClosedMonthAct):
    """Approve the month as the second person."""

    form_class = ApproveForm
    permission_required = ("billing.approve_month", "billing.view_billmonth")
    title = _("Approve the month")
    button = _("Yes, approve the month")
    consequence = _(
        "This is for good: the month cannot be opened any more, and its file may go to the fixed "
        "bill. Later corrections are credits in the open month."
    )
    done = _("The month is approved.")

    def perform(self, cleaned: dict[str, Any]) -> BillMonth:
        return closing.approve_month(**self.said(cleaned))


class IssueMonth(FileAct):
    permission_required = ("billing.export_month", "billing.view_billmonth")
    title = _("Issue the file for the fixed bill")
    button = _("Yes, issue the file")
    consequence = _(
        "The file is made once and never changes. Parked entries that are resolved later go into a "
        "supplement with a number of its own."
    )
    done = _("The file is issued and can be downloaded.")

    def perform(self, cleaned: dict[str, Any]) -> list[IssuedFile]:
        return export.issue(**self.said(cleaned))


class DraftMonth(MonthAct):
    permission_required = ("billing.export_month", "billing.view_billmonth")
    title = _("Take a draft of the file")
    button = _("Yes, download the draft")
    consequence = _(
        "The draft is marked as one in its name and its last line. It must not go on any bill."
    )

    def perform(self, cleaned: dict[str, Any]) -> FileResponse:
        said = self.said(cleaned)
        with TemporaryDirectory() as folder:
            made = export.draft(said.pop("month"), Path(folder), **said).paths[0]
            # An open file can be read to its end although its folder is gone.
            return FileResponse(
                made.open("rb"),
                as_attachment=True,
                filename=made.name,
                content_type="text/csv; charset=utf-8",
            )

    def after(self, outcome: FileResponse) -> HttpResponseBase:  # type: ignore[override]
        return outcome

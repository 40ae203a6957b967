"""Forms of one field on a request's page. They only draw the field; the views read the answer."""

from django import forms
from django.utils.translation import gettext_lazy as _

from klikon.desk.models import Scan
from superfamilja.values.text_field import LineField

_TAKEN = "application/pdf,image/jpeg,image/png"


class ScanForm(forms.Form):
    """The signed paper as a file."""

    scan = forms.FileField(
        label=_("Scan of the signed paper"),
        help_text=_(
            "PDF, JPEG or PNG, at most 20 MB and 10 pages; or a photograph with the phone's camera."
        ),
        widget=forms.FileInput(attrs={"accept": _TAKEN}),
    )


class BlankNumberForm(forms.Form):
    """The number of the form that was filled in by hand."""

    number = LineField(
        label=_("Number of the blank form"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "B-000123"}),
    )


class ReadOutCodeForm(forms.Form):
    """The code that the Fixed Leader reads out."""

    code = LineField(
        label=_("The code that the Fixed Leader reads out"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "autofocus": True}
        ),
    )


class SendBackForm(forms.Form):
    """What the clerk has to correct."""

    reason = LineField(label=_("What is missing?"), max_length=500)


class DayEndForm(forms.Form):
    """The manager's explanation of a day that does not add up."""

    note = LineField(
        label=_("Note"),
        help_text=_("Needed when printed, signed, scanned and filed are not the same."),
        max_length=500,
        required=False,
    )


class VouchForm(forms.Form):
    """Why a scan is of this paper although a check failed. A page may show several scans."""

    reason = LineField(
        label=_("Why is it this paper all the same?"),
        help_text=_("A sentence; it stands in the history beside your name."),
        max_length=500,
    )

    def __init__(self, scan: Scan, refused: tuple[int, str]) -> None:
        """Show again what was typed for this scan and refused."""
        typed = {"reason": refused[1]} if refused[0] == scan.pk else {}
        super().__init__(auto_id=f"vouch_{scan.pk}_%s", initial=typed)


class WithdrawalForm(forms.Form):
    """Why a scan is withdrawn that somebody relied on."""

    reason = LineField(label=_("Reason"), max_length=500)

    def __init__(self, scan: Scan) -> None:
        super().__init__(auto_id=f"why_{scan.pk}_%s")

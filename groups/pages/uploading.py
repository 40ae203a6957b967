"""A large file that a form sends: straight to the disk, so that no web server needs its size."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.utils.translation import gettext_lazy as _

from groups.incoming.models import FileKind
from groups.incoming.refusals import FileTooLarge
from superfamilja.values.lek_field import CountField
from superfamilja.web.form_layout import FieldsFormHelper, LaidOutForm

MEGABYTE = 1024 * 1024


class OnDiskUpToALimit(TemporaryFileUploadHandler):
    """Writes INCOMING_LARGEST_MEGABYTES at most; the rest is read, so that the browser gets an
    answer, and let go by. `size` is what was sent."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) <= settings.INCOMING_LARGEST_MEGABYTES * MEGABYTE:
            self.file.write(raw_data)

    def file_complete(self, file_size: int) -> TemporaryUploadedFile:
        self.file.seek(0)
        self.file.size = file_size
        return self.file


class SendFileForm(LaidOutForm):
    """What kind of file, how many rows it should have, and the file."""

    helper = FieldsFormHelper("kind", "rows", "file")

    kind = forms.ChoiceField(label=_("What is it?"))
    rows = CountField(
        label=_("How many rows should it have?"),
        help_text=_("Without the header. Leave it empty when the last line says so: #rows=1200."),
        required=False,
        min_value=0,
        max_value=999_999_999,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    file = forms.FileField(
        label=_("The file (CSV, UTF-8)"),
        error_messages={
            "required": _("Choose the file."),
            "empty": _("This file is empty. Fetch it from the CRM again."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [kind for kind in FileKind if kind in settings.INCOMING_ENGINES]
        choices = forms.ChoiceField(label=_("What is it?"), choices=[(k, k.label) for k in known])
        self.fields["kind"] = choices

    def clean_file(self) -> Any:
        sent = self.cleaned_data["file"]
        most: int = settings.INCOMING_LARGEST_MEGABYTES
        if sent.size > most * MEGABYTE:
            raise forms.ValidationError(FileTooLarge(megabytes=most).text())
        return sent

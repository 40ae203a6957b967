"""Keep uploads in memory, never on disk, and let go of what is too large."""

import io
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from superfamilja.uploads.limits import LARGEST_FILE


class InMemoryUpToALimit(FileUploadHandler):
    """Keep at most LARGEST_FILE of a request, all its files together.

    The rest is read, because a browser that is cut off shows no answer, and then dropped. Such a
    file arrives empty with a `size` above the limit, and pages.read tells the sender.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sent = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.sent += len(raw_data)
        if self.sent <= LARGEST_FILE:
            self.file.write(raw_data)
        else:
            self.file = io.BytesIO()

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.file.seek(0)
        return InMemoryUploadedFile(
            self.file,
            self.field_name,
            self.file_name or "",
            self.content_type,
            file_size if self.sent <= LARGEST_FILE else self.sent,
            self.charset,
            self.content_type_extra,
        )

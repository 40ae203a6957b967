"""Refusals of a scan; each sentence says what to do now."""

from typing import Any

from django.utils.translation import gettext_noop

from superfamilja.refusal import Refusal
from superfamilja.uploads import limits


class ScanRefused(Refusal):
    """The scan was refused, and nothing of the file was kept."""

    rule = "scan"

    def shown(self) -> dict[str, Any]:
        """Return the file's name on one line, without characters that reverse writing around it."""
        name = "".join(sign for sign in self.details.get("name", "") if sign.isprintable())
        return {**self.details, "name": name if len(name) <= 60 else f"{name[:40]}…{name[-15:]}"}


class Empty(ScanRefused):
    code = "scan_empty"
    sentence = gettext_noop("“%(name)s” is empty. Scan the paper again.")


class TooLarge(ScanRefused):
    code = "scan_too_large"
    sentence = gettext_noop(
        "“%(name)s” is too large: at most %(megabytes)s MB may be sent at once. "
        "Scan at 150 dots per inch, or send the pages one by one."
    )

    def shown(self) -> dict[str, Any]:
        return {**super().shown(), "megabytes": limits.LARGEST_FILE // limits.MEGABYTE}


class NoScan(ScanRefused):
    code = "scan_of_no_known_kind"
    sentence = gettext_noop(
        "“%(name)s” is neither a PDF nor a picture in JPEG or PNG. "
        "Scan the paper as a PDF, or photograph it with a phone."
    )


class Heic(ScanRefused):
    code = "scan_heic"
    sentence = gettext_noop(
        "“%(name)s” is a HEIC picture. On the iPhone choose Settings, Camera, Formats, “Most "
        "Compatible”, then photograph the paper again."
    )


class TooManyPixels(ScanRefused):
    code = "scan_too_many_pixels"
    sentence = gettext_noop(
        "“%(name)s” has more than %(megapixels)s megapixels. "
        "Scan at 300 dots per inch at most, or photograph with a lower resolution."
    )

    def shown(self) -> dict[str, Any]:
        return {**super().shown(), "megapixels": limits.MOST_PIXELS // 1_000_000}


class TooManyPages(ScanRefused):
    code = "scan_too_many_pages"
    sentence = gettext_noop(
        "“%(name)s” has %(pages)s pages; at most %(most)s are taken. "
        "Send only the signed pages, or in several files."
    )

    def shown(self) -> dict[str, Any]:
        return {**super().shown(), "most": limits.MOST_PAGES}


class PasswordNeeded(ScanRefused):
    code = "scan_with_password"
    sentence = gettext_noop(
        "“%(name)s” is protected by a password. Scan the paper again without one."
    )


class Unreadable(ScanRefused):
    code = "scan_unreadable"
    sentence = gettext_noop(
        "“%(name)s” could not be read: it is damaged or not complete. "
        "Scan the paper again, or photograph it with a phone."
    )


class VirusFound(ScanRefused):
    code = "scan_with_virus"
    sentence = gettext_noop(
        "“%(name)s” holds a virus (%(virus)s) and was not kept. Do not open or send it again; "
        "scan the paper on another device and tell the administrators."
    )


class ScannerUnreachable(ScanRefused):
    code = "virus_scanner_unreachable"
    sentence = gettext_noop(
        "“%(name)s” could not be checked for viruses and was not kept. Try again in a few "
        "minutes; until then keep the signed paper safe."
    )


class PageLost(Refusal):
    """A kept page is missing, or is not what was written."""

    rule = "scan"
    code = "scan_page_lost"
    sentence = gettext_noop(
        "This page of the scan is missing or damaged in the archive. Tell the administrators; "
        "if the signed paper is at hand, scan it again."
    )

"""Check that scans are scanned for viruses and kept where no web server shows them."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

from superfamilja.uploads import viruses


@register(Tags.security)
def scans_are_kept_apart(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse a place below a folder of static files, because those are served to everybody."""
    public = [Path(settings.STATIC_ROOT), *map(Path, settings.STATICFILES_DIRS)]
    if not any(settings.UPLOADS_DIR.resolve().is_relative_to(path.resolve()) for path in public):
        return []
    return [
        Error(
            "UPLOADS_DIR is in a folder that the web server shows to everybody.",
            hint="Keep scans in a folder of their own.",
            id="uploads.E001",
        )
    ]


@register(Tags.security)
def the_scanner_has_an_address(**_kwargs: Any) -> list[CheckMessage]:
    """Find a mistyped CLAMAV_URL before the first scan is refused."""
    if not settings.CLAMAV_URL:
        return []
    try:
        viruses.scanner(settings.CLAMAV_URL)
    except ValueError as error:
        hint = "For instance tcp://127.0.0.1:3310 or unix:///run/clamav/clamd.ctl."
        return [Error(f"CLAMAV_URL is wrong: {error}.", hint=hint, id="uploads.E002")]
    return []


@register(Tags.security, deploy=True)
def scans_are_checked_in_production(**_kwargs: Any) -> list[CheckMessage]:
    """Warn without a virus scanner: a scan drawn again is harmless, but the sender should know."""
    if settings.CLAMAV_URL or not settings.PRODUCTION:
        return []
    return [
        checks.Warning(
            "CLAMAV_URL is not set: scans are not checked for viruses.",
            hint="Run a ClamAV daemon and name it (docs/operations.md).",
            id="uploads.W003",
        )
    ]

"""Let ClamAV check a scan before anything else does, where CLAMAV_URL names one."""

import io
import logging
from urllib.parse import urlsplit

from clamav_client.clamd import ClamdError, ClamdNetworkSocket, ClamdUnixSocket
from django.conf import settings

from superfamilja.uploads.refusals import ScannerUnreachable, VirusFound

log = logging.getLogger(__name__)

_SECONDS = 30  # seconds of silence


def check(content: bytes, name: str) -> None:
    """Check the scan; do nothing where no scanner is named. Raise VirusFound or ScannerUnreachable.

    A scan that cannot be checked is not accepted.
    """
    if not settings.CLAMAV_URL:
        return
    try:
        status, virus = scanner(settings.CLAMAV_URL).instream(io.BytesIO(content))["stream"]
    except (ClamdError, OSError, KeyError, ValueError) as error:
        log.error("The virus scanner does not answer: %r", error)
        raise ScannerUnreachable(name=name) from error
    if status == "FOUND":
        log.warning("A virus was sent: %s", virus)
        raise VirusFound(name=name, virus=virus)
    if status != "OK":
        log.error("The virus scanner could not check: %s", virus)
        raise ScannerUnreachable(name=name)


def scanner(url: str) -> ClamdNetworkSocket:
    """Return the scanner of `tcp://127.0.0.1:3310` or `unix:///run/clamd.ctl`. Raise ValueError."""
    parts = urlsplit(url)
    if parts.scheme == "unix" and parts.path and not parts.netloc:
        return ClamdUnixSocket(parts.path, timeout=_SECONDS)
    if parts.scheme == "tcp" and parts.hostname and parts.port:
        return ClamdNetworkSocket(parts.hostname, parts.port, timeout=_SECONDS)
    raise ValueError(f"{url} is neither tcp://HOST:PORT nor unix:///PATH")

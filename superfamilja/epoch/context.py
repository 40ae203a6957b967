"""Tell every page whether the database stands still."""

from django.http import HttpRequest

from superfamilja.epoch import standing


def halted(request: HttpRequest) -> dict[str, str | None]:
    """Return `halted` for templates; between two looks it does not query the database."""
    return {"halted": standing.why_halted()}

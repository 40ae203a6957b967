"""What every page knows: whether the database stands still."""

from django.http import HttpRequest

from superfamilja.epoch import standing


def halted(request: HttpRequest) -> dict[str, str | None]:
    """`halted` for templates; asks nothing of the database between two looks."""
    return {"halted": standing.why_halted()}

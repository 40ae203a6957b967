"""The request of a page of staff, for the types alone."""

from django.http import HttpRequest

from superfamilja.accounts.models import User


class StaffRequest(HttpRequest):
    """A request of staff that has passed the gate."""

    user: User

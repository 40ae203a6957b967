"""Type the request of a staff page."""

from django.http import HttpRequest

from superfamilja.accounts.models import User


class StaffRequest(HttpRequest):
    """A request of staff who have passed the gate."""

    user: User

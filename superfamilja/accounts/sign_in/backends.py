"""Sign in with a password: staff only."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from superfamilja.accounts.models import User
from superfamilja.clock import portal_clock


class StaffBackend(ModelBackend):
    """Accept staff who are active and whose temporary password has not expired.

    Django asks it again at every request, so the next request of a disabled person is refused.
    """

    def user_can_authenticate(self, user: Any) -> bool:
        if not (isinstance(user, User) and user.is_active and user.is_staff):
            return False
        until = user.temporary_password_until
        return until is None or until > portal_clock.now()

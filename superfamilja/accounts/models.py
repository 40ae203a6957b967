"""Who signs in. Staff are people with roles; customers come with the portal for families."""

import pghistory
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac


@pghistory.track(exclude=["password", "last_login", "sign_outs", "temporary_password_until"])
class User(AbstractUser):
    """A person who signs in. What staff may do is said by their roles, never by a flag."""

    store_code = models.CharField(max_length=20, blank=True)
    # Counted up to end every session of this person at once.
    sign_outs = models.PositiveIntegerField(default=0, editable=False)
    # Set: the password was given by an administrator, dies then, and must be changed before use.
    temporary_password_until = models.DateTimeField(null=True, blank=True, editable=False)

    @property
    def shown_name(self) -> str:
        """The name that histories show."""
        return self.get_full_name() or self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # Django compares this with the session at every request.
        return salted_hmac(
            "superfamilja.accounts.session",
            f"{self.password}:{self.sign_outs}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

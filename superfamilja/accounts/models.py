"""Who signs in. Staff are people with roles; customers come with the portal for families."""

import pghistory
from django.contrib.auth.models import AbstractUser
from django.db import models


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractUser):
    """A person who signs in. What staff may do is said by their roles, never by a flag."""

    store_code = models.CharField(max_length=20, blank=True)

    @property
    def shown_name(self) -> str:
        """The name that histories show."""
        return self.get_full_name() or self.username

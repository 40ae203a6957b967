"""Staff of the tests: a signed-in person with one role."""

import itertools

from django.contrib.auth.models import Group as Role
from django.test import Client

from superfamilja.accounts.models import User
from superfamilja.accounts.roles import ADMINISTRATOR

_numbers = itertools.count()


def person(role: str = ADMINISTRATOR) -> User:
    """Somebody on the staff with this role."""
    user = User.objects.create_user(
        f"person{next(_numbers)}", first_name="Arta", last_name="Prova", is_staff=True
    )
    user.groups.add(Role.objects.get(name=role))
    return user


def signed_in(role: str = ADMINISTRATOR, language: str = "en") -> Client:
    """A browser with that person signed in, in that language."""
    client = Client()
    client.force_login(person(role))
    client.cookies["django_language"] = language
    return client

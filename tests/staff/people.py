"""Staff of the tests: a signed-in browser with one role, in one language."""

from django.test import Client

from superfamilja.accounts.roles import ADMINISTRATOR
from tests.signing_in import sign_in, staff_member


def signed_in(role: str = ADMINISTRATOR, language: str = "en") -> Client:
    """A browser with a person of that role signed in, in that language."""
    client = sign_in(Client(), staff_member(role, first_name="Arta", last_name="Prova"))
    client.cookies["django_language"] = language
    return client

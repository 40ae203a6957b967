"""Staff of the tests: a signed-in browser with one role, in one language."""

from django.test import Client
from django.utils import timezone

from groups.models import Contract
from groups.opening import Task, open_customer
from superfamilja.accounts.models import User
from superfamilja.accounts.roles import ADMINISTRATOR
from tests.signing_in import sign_in, staff_member


def signed_in(role: str = ADMINISTRATOR, language: str = "en") -> Client:
    """A browser with a person of that role signed in, in that language."""
    client = sign_in(Client(), staff_member(role, first_name="Arta", last_name="Prova"))
    client.cookies["django_language"] = language
    return client


def serving(role: str, language: str = "en") -> Client:
    """The same, and every customer of the test is before him already."""
    client = signed_in(role, language)
    actor = User.objects.get(pk=client.session["_auth_user_id"])
    for contract in Contract.objects.all():
        open_customer(contract=contract, actor=actor, at=timezone.now(), task=Task("contract"))
    return client


def opened(client: Client, address: str) -> str:
    """A page that shows a customer whole; where it asks why, a reason is given first."""
    answer = client.get(address)
    if "staff/why.html" in [template.name for template in answer.templates]:
        answer = client.post(
            address, {"why": "call_back", "reason": "asked us by telephone"}, follow=True
        )
    return str(answer.content.decode())

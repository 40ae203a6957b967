"""Make signed-in browsers of staff with one role, in one language."""

from django.test import Client
from django.utils import timezone

from groups.models import Contract
from groups.opening import Task, open_customer
from superfamilja.accounts.models import User
from superfamilja.accounts.roles import ADMINISTRATOR
from tests.signing_in import sign_in, staff_member


def signed_in(role: str = ADMINISTRATOR, language: str = "en") -> Client:
    """Return a browser with a signed-in person of that role, in that language."""
    client = sign_in(Client(), staff_member(role, first_name="Arta", last_name="Prova"))
    client.cookies["django_language"] = language
    return client


def serving(role: str, language: str = "en") -> Client:
    """Return the same, to whom every customer of the test is open already."""
    client = signed_in(role, language)
    actor = User.objects.get(pk=client.session["_auth_user_id"])
    for contract in Contract.objects.all():
        open_customer(contract=contract, actor=actor, at=timezone.now(), task=Task("contract"))
    return client


def opened(client: Client, address: str) -> str:
    """Return a page that shows a customer whole; give a reason first where it asks."""
    answer = client.get(address)
    if "staff/why.html" in [template.name for template in answer.templates]:
        answer = client.post(
            address, {"why": "call_back", "reason": "asked us by telephone"}, follow=True
        )
    return str(answer.content.decode())

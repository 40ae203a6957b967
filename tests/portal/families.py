"""Sign a number in at the families' door, for tests that start behind it."""

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.utils import timezone

from superfamilja.customers import gate, people
from superfamilja.customers.models import Account
from superfamilja.customers.sessions import FAMILY_COOKIE
from superfamilja.messages.models import OutgoingMessage
from tests.proofs import typed_code


def signed_in(msisdn: str, language: str = "en") -> Client:
    """Return a browser in which this number (E.164) has just signed in."""
    client = Client()
    client.cookies["django_language"] = language
    account, _ = Account.objects.get_or_create(msisdn=msisdn, defaults={"made_at": timezone.now()})
    session = SessionStore()
    now = timezone.now().isoformat()
    session.update(
        {
            gate.ACCOUNT: account.pk,
            gate.SIGN_OUTS: account.sign_outs,
            gate.SIGNED_IN_AT: now,
            gate.SEEN_AT: now,
            gate.REMEMBERED: False,
            gate.PAYER_OF: sorted(people.on_file(msisdn).payer_of),
            gate.PROVED_BY: typed_code(msisdn, timezone.now()),
        }
    )
    session.create()
    client.cookies[FAMILY_COOKIE] = session.session_key
    return client


def session_of(client: Client) -> SessionBase:
    """Return the family's session in that browser."""
    return SessionStore(client.cookies[FAMILY_COOKIE].value)


def code_sent_to(msisdn: str) -> str:
    """Return the six digits of the last SMS to that number."""
    last = OutgoingMessage.objects.filter(recipient=msisdn).order_by("-pk")[0]
    return str(last.parameters["code"])

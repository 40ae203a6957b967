"""Do an act on a month step by step, as a browser sends it."""

import re
from html import unescape

from django.contrib.auth.models import Group
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from superfamilja.accounts.roles import BILLING_APPROVER, BILLING_REVIEWER
from tests.signing_in import sign_in, staff_member
from tests.staff.months import NUMBER


def hidden(page: str) -> dict[str, str]:
    """Return what the page carries to the next step."""
    return {
        name: unescape(value)
        for name, value in re.findall(
            r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.replace(" id=", " data-id=")
        )
        if name != "csrfmiddlewaretoken"
    }


class Steps:
    """An act on October in one browser; each step sends what the page before carried."""

    def __init__(self, client: Client, name: str, number: int = NUMBER) -> None:
        self.client, self.address = client, reverse(name, args=[number])
        self.page = self.client.get(self.address).content.decode()

    def check(self, reason: str = "month is over") -> str:
        self.page = self._send("check", reason).content.decode()
        return str(self.page)

    def confirm(self, reason: str = "month is over") -> HttpResponseBase:
        return self._send("confirm", reason)

    def _send(self, step: str, reason: str) -> HttpResponseBase:
        data = {**hidden(self.page), "reason": reason, "step": step}
        return self.client.post(self.address, data)


def both_roles(language: str = "en") -> Client:
    """Make a person who may close and approve."""
    user = staff_member(BILLING_REVIEWER, first_name="Dy", last_name="Role")
    user.groups.add(Group.objects.get(name=BILLING_APPROVER))
    client = sign_in(Client(), user)
    client.cookies["django_language"] = language
    return client


def page_of_october(client: Client) -> str:
    return str(client.get(reverse("month", args=[NUMBER])).content.decode())

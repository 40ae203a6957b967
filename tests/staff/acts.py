"""Post an act of the desk as a browser does, and return the page that follows."""

from typing import Any

from django.urls import reverse

from groups.models import Group
from superfamilja.accounts.roles import STORE_CLERK
from tests.staff.people import serving


def post(
    page: str, pk: int, *, step: str = "confirm", role: str = STORE_CLERK, **typed: Any
) -> str:
    answer = serving(role).post(
        reverse(page, args=[pk]),
        {"step": step, "reason": "came with her card", "call": "C-2026-118", **typed},
        follow=True,
    )
    return str(answer.content.decode())


def contract_page(group: Group, role: str = STORE_CLERK) -> str:
    answer = serving(role).get(reverse("contract", args=[group.contract_id]))
    return str(answer.content.decode())

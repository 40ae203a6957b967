"""Callbacks for orders that we do not have: shown, examined and closed (R36)."""

import pytest
from django.test import Client
from django.urls import reverse

from klikon.provisioning import decisions
from klikon.provisioning.models import UnknownCallback
from superfamilja.accounts.roles import AUDITOR, BILLING_REVIEWER, CARE_AGENT, STORE_CLERK
from superfamilja.audit.models import Act
from tests.klikon.provisioning.charging import NOW
from tests.signing_in import staff_member
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db

LIST = reverse("admin:provisioning_unknowncallback_changelist")


@pytest.fixture
def kept() -> UnknownCallback:
    return UnknownCallback.objects.create(
        received_at=NOW,
        message_id="m1",
        reference="KN-AEN-XMH-M22Q",
        msisdn="+355690000123",
        package="S1000",
        state="failed",
        code="not_prepaid",
    )


def page(client: Client, kept: UnknownCallback) -> str:
    answer = client.get(reverse("admin:provisioning_unknowncallback_change", args=[kept.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def close(client: Client, kept: UnknownCallback, reason: str = "it is of the test system") -> str:
    answer = client.post(
        reverse("close_callback", args=[kept.pk]), {"reason": reason, "step": "confirm"}
    )
    return answer.content.decode()


def test_the_list_masks_the_number(kept: UnknownCallback) -> None:
    seen = signed_in(BILLING_REVIEWER).get(LIST).content.decode()
    assert "KN-AEN-XMH-M22Q" in seen
    assert "***123" in seen
    assert "0000123" not in seen.replace(" ", "")


def test_those_that_wait_are_listed_apart(kept: UnknownCallback) -> None:
    client = signed_in(BILLING_REVIEWER)
    assert [
        "KN-AEN-XMH-M22Q" in client.get(LIST, {"looked_into": answer}).content.decode()
        for answer in ("no", "yes", "perhaps")
    ] == [True, False, True]


def test_its_page_says_what_it_said_and_what_to_do(kept: UnknownCallback) -> None:
    seen = page(signed_in(BILLING_REVIEWER), kept)
    for what in (
        "069 000 0123",
        "S1000",
        "not possible, for good · the number is not prepaid",
        "We have no order of this reference.",
        reverse("close_callback", args=[kept.pk]),
    ):
        assert what in seen


def test_looked_into_it_says_who_when_and_what_was_found(kept: UnknownCallback) -> None:
    client = signed_in(BILLING_REVIEWER)
    close(client, kept)
    kept.refresh_from_db()
    assert kept.closed_reason == "it is of the test system"
    assert Act.objects.filter(verb="close_callback", reason="it is of the test system").exists()
    assert reverse("close_callback", args=[kept.pk]) not in page(client, kept)


def test_it_is_looked_into_once(kept: UnknownCallback) -> None:
    actor = staff_member(BILLING_REVIEWER)
    decisions.close_callback(kept=kept, actor=actor, at=NOW, reason="found")
    with pytest.raises(decisions.CallbackClosed):
        decisions.close_callback(kept=kept, actor=actor, at=NOW, reason="found again")


@pytest.mark.parametrize(
    ("role", "reads", "closes"),
    [
        (BILLING_REVIEWER, 200, 200),
        (AUDITOR, 200, 403),
        (CARE_AGENT, 403, 403),
        (STORE_CLERK, 403, 403),
    ],
)
def test_who_may(kept: UnknownCallback, role: str, reads: int, closes: int) -> None:
    client = signed_in(role)
    assert client.get(LIST).status_code == reads
    assert client.get(reverse("close_callback", args=[kept.pk])).status_code == closes

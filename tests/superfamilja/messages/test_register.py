"""Staff read what families were told; no address contains a number."""

import pytest
from django.test import Client
from django.urls import reverse

from superfamilja.accounts.roles import AUDITOR, CARE_AGENT, PERMISSIONS
from superfamilja.messages import outbox
from superfamilja.messages.delivery import deliver_due
from superfamilja.messages.models import OutgoingMessage
from tests.factories import at
from tests.staff.people import signed_in
from tests.superfamilja.messages.test_outbox import sms

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")
LIST = "admin:outbox_outgoingmessage_changelist"
SAID = "Klik-ON: keni Super 700 deri më 03.12.2026. E aktivizoi: Elira. Ref. KN-7QX-4PW-R2AR"


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_everyone_who_reads_customers_reads_their_messages() -> None:
    assert all("outbox.view_outgoingmessage" in may for may in PERMISSIONS.values())


def test_the_list_masks_numbers_and_is_narrowed_by_contract_state_and_message() -> None:
    outbox.write([sms(), sms(to="+355671234568", contract_number="FX2")], at=NOW)
    client = signed_in(CARE_AGENT)
    whole = page(client, reverse(LIST))
    assert "***567" in whole
    assert "***568" in whole
    assert "1234567" not in whole
    for narrowed in ("contract_number=FX2", "contract_number__exact=FX2&state__exact=queued"):
        found = page(client, f"{reverse(LIST)}?{narrowed}&message=activation_receipt")
        assert "***568" in found
        assert "***567" not in found
    assert "***568" not in page(client, f"{reverse(LIST)}?message=cap_warning")


def test_a_number_in_the_address_is_no_way_to_search() -> None:
    assert signed_in().get(f"{reverse(LIST)}?recipient=%2B355671234567").status_code != 200


def test_the_record_shows_the_words_before_and_after_they_are_sent() -> None:
    outbox.write([sms()], at=NOW)
    message = OutgoingMessage.objects.get()
    address = reverse("admin:outbox_outgoingmessage_change", args=[message.pk])
    client = signed_in(AUDITOR)
    assert SAID in page(client, address)
    deliver_due(NOW)
    assert SAID in page(client, address)
    assert client.post(address, {"state": "queued"}).status_code == 403


def test_the_registers_with_filters_of_their_own_answer_to_them() -> None:
    """The page's own links must not be refused."""
    for register, narrowed in (
        ("groups_membership", "left_on__isempty=1"),
        ("groups_group", "closed_on__isempty=0"),
        ("klikon_leaderassignment", "ended_at__isempty=1"),
    ):
        page(signed_in(), f"{reverse(f'admin:{register}_changelist')}?{narrowed}")

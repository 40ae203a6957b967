"""Staff read what families were told; no address carries a number."""

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from superfamilja.accounts.roles import AUDITOR, CARE_AGENT, PERMISSIONS, STORE_CLERK
from superfamilja.messages import outbox
from superfamilja.messages.delivery import deliver_due
from superfamilja.messages.models import OutgoingMessage
from tests.factories import ContractFactory, at
from tests.staff.people import signed_in
from tests.superfamilja.messages.test_outbox import sms

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")
LIST = "admin:outbox_outgoingmessage_changelist"
SAID = "Klik-ON: keni Super 700 deri më 03.12.2026. E aktivizoi: Elira. Ref. KN-7QX4-PWR2"


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
    """An address that the page itself offers is not refused."""
    for register, narrowed in (
        ("groups_membership", "left_on__isempty=1"), ("groups_group", "closed_on__isempty=0"),
        ("klikon_leaderassignment", "ended_at__isempty=1"),
    ):  # fmt: skip
        page(signed_in(), f"{reverse(f'admin:{register}_changelist')}?{narrowed}")


class TestBubbles:
    def test_newest_first_and_only_of_this_contract(self) -> None:
        outbox.write([sms()], at=NOW)
        outbox.write([sms(why="later")], at=at("2026-11-05 14:06"))
        outbox.write([sms(contract_number="FX2", why="another")], at=NOW)
        recent = OutgoingMessage.objects.recent_for_contract("FX0000001", 5)
        assert [message.why for message in recent] == ["later", "activation"]

    def test_each_shows_its_reader_masked_its_moment_its_state_and_its_words(self) -> None:
        outbox.write([sms()], at=NOW)
        waiting = self.fragment()
        deliver_due(NOW)
        sent = self.fragment()
        for shown in (waiting, sent):
            assert "***567" in shown
            assert SAID in shown
            assert "05.11.2026" in shown
            assert 'lang="sq"' in shown
            assert "1234567" not in shown
        assert ("pritje" in waiting, "dërguar" in sent) == (True, True)

    def test_what_cannot_be_said_leaves_no_empty_bubble(self) -> None:
        outbox.write([sms(template="no_such_message")], at=NOW)
        assert "nuk mund të shfaqet" in self.fragment()

    @staticmethod
    def fragment() -> str:
        recent = OutgoingMessage.objects.recent_for_contract("FX0000001", 5)
        with override("sq"):
            return render_to_string("look/messages.html", {"sms": recent})

    def test_they_stand_on_the_contract_s_page_and_more_of_them_ask_no_more(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        contract = ContractFactory(number="FX0000001")
        client = signed_in(STORE_CLERK)
        outbox.write([sms()], at=NOW)
        address = reverse("contract", args=[contract.pk])
        with CaptureQueriesContext(connection) as asked:
            shown = page(client, address)
        assert SAID in shown
        assert f"{reverse(LIST)}?contract_number=FX0000001" in shown
        outbox.write([sms(why=f"more {n}") for n in range(4)], at=NOW)
        with django_assert_num_queries(len(asked)):
            page(client, address)

"""SMS by HTTP through a real Kannel to the tests' own centre, and its reports home."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from superfamilja.messages import delivery
from superfamilja.messages.models import OutgoingMessage, Receipt
from superfamilja.messages.transports import kannel
from tests.smsc.centre import Centre
from tests.smsc.centre import running as centre_running
from tests.superfamilja.messages import kannels
from tests.superfamilja.messages.passing import (
    CODE,
    MONEY,
    becomes,
    fate,
    wait_until,
    written,
)
from tests.superfamilja.messages.silent_http import silent
from tests.superfamilja.messages.test_smpp_gateway import ALBANIAN, GSM, HEAD

HERE = "superfamilja.messages.transports.kannel.send"


@pytest.fixture
def by_kannel(settings: Settings) -> Settings:
    settings.SMS_TRANSPORT = HERE
    settings.KANNEL_USERNAME, settings.KANNEL_PASSWORD = "portal", "kannel-secret"
    settings.KANNEL_RECEIPTS_URL = "http://127.0.0.1:1"
    OutgoingMessage.objects.filter(state="queued").update(state="failed")
    return settings


@pytest.mark.kannel
@pytest.mark.django_db(transaction=True)
class TestThroughARealKannel:
    @pytest.fixture(scope="class")
    def centre(self) -> Iterator[Centre]:
        with centre_running() as one:
            yield one

    @pytest.fixture(scope="class")
    def address(self, centre: Centre, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
        with kannels.running(tmp_path_factory.mktemp("kannel"), centre) as url:
            wait_until(lambda: centre.seen()["bound"] == 1)
            yield url

    @pytest.fixture(autouse=True)
    def here(self, by_kannel: Settings, live_server: Any, address: str, centre: Centre) -> None:
        by_kannel.KANNEL_URL = address
        by_kannel.KANNEL_RECEIPTS_URL = live_server.url
        centre.forget()

    @pytest.mark.parametrize("text", [ALBANIAN, GSM], ids=["ucs2", "gsm"])
    def test_four_parts_are_whole_on_the_phone_and_the_report_comes_home(
        self, centre: Centre, settings: Settings, tmp_path: Path, text: str
    ) -> None:
        (tmp_path / "whole.txt").write_text(HEAD.format(text, text))
        settings.SMS_TEMPLATE_DIRS = [*settings.SMS_TEMPLATE_DIRS, tmp_path]
        message = written("whole")
        assert delivery.deliver_due(timezone.now()) == {"sent": 1}
        becomes(message, "sent", "delivered")
        assert centre.shown() == {message.recipient[1:]: [text]}
        assert len(centre.taken()) == 4

    @pytest.mark.parametrize(
        ("stat", "delivered"), [("UNDELIV", "rejected"), ("REJECTD", "rejected")]
    )
    def test_what_did_not_arrive_is_told(self, centre: Centre, stat: str, delivered: str) -> None:
        message = written(CODE, expires_at=timezone.now() + timedelta(minutes=10))
        centre.behave(stat={message.recipient[1:]: stat})
        delivery.deliver_due(timezone.now())
        becomes(message, "sent", delivered)

    def test_a_wrong_password_is_tried_again(self, settings: Settings, centre: Centre) -> None:
        settings.KANNEL_PASSWORD = "wrong"
        message = written(CODE)
        assert delivery.deliver_due(timezone.now()) == {"later": 1}
        assert (fate(message), message.last_error) == (("queued", ""), "HTTP 403")
        assert centre.count() == 0


@pytest.mark.django_db
class TestWithoutAnAnswer:
    def test_nobody_there_is_tried_again_and_left_no_doubt(self, by_kannel: Settings) -> None:
        by_kannel.KANNEL_URL = "http://127.0.0.1:1/cgi-bin/sendsms"
        message = written(MONEY)
        assert delivery.deliver_due(timezone.now()) == {"later": 1}
        assert (fate(message), message.last_error) == (("queued", ""), "no connection")

    @pytest.mark.parametrize(
        ("template", "state"), [(MONEY, "unknown"), (CODE, "queued")], ids=["money", "code"]
    )
    def test_silence_is_unknown(self, by_kannel: Settings, template: str, state: str) -> None:
        message = written(template)
        with silent() as by_kannel.KANNEL_URL:
            assert delivery.deliver_due(timezone.now()) == {"later": 1}
        assert (fate(message), message.last_error) == ((state, ""), "no answer")

    def test_a_process_that_died_with_a_receipt_of_money_leaves_it_unknown(
        self, by_kannel: Settings
    ) -> None:
        message = written(MONEY)
        now = timezone.now()
        (claimed,) = delivery._claim(now, 1)
        delivery.book.leaving([(claimed, 1, 1)], way="kannel", at=now)  # and dies
        assert delivery.deliver_due(now + delivery.LEASE) == {"later": 1}
        assert fate(message) == ("unknown", "")


@pytest.mark.django_db
class TestItsReports:
    def url(self, message: OutgoingMessage, kind: str = "1") -> str:
        (row,) = delivery.book.leaving([(message, 1, 1)], way="kannel", at=timezone.now())
        delivery.book.record([delivery.book.PartAnswer(row.pk, 0)], [], at=timezone.now())
        path = kannel.receipts_url(row.pk).removeprefix("http://127.0.0.1:1")
        return path.replace("%d", kind).replace("%F", "77")

    @pytest.fixture
    def message(self, by_kannel: Settings) -> OutgoingMessage:
        written(MONEY)
        return delivery._claim(timezone.now(), 1)[0]

    @pytest.mark.parametrize(
        ("kind", "delivered"),
        [
            ("1", "delivered"),
            ("2", "rejected"),
            ("4", ""),
            ("8", ""),
            ("16", "rejected"),
            ("34", "expired"),
            ("66", "unknown"),
        ],
    )
    def test_each_kind_is_understood(
        self, client: Client, message: OutgoingMessage, kind: str, delivered: str
    ) -> None:
        assert client.get(self.url(message, kind)).status_code == 204
        assert fate(message) == ("sent", delivered)

    def test_told_twice_is_told_once(self, client: Client, message: OutgoingMessage) -> None:
        url = self.url(message)
        assert [client.get(url).status_code for _ in range(2)] == [204, 204]
        assert Receipt.objects.filter(recipient=message.recipient).count() == 1

    def test_delivered_stays_delivered(self, client: Client, message: OutgoingMessage) -> None:
        url = self.url(message)
        client.get(url)
        client.get(url.replace("type=1", "type=2"))
        assert fate(message) == ("sent", "delivered")

    def test_only_who_has_the_address_may_tell(
        self, client: Client, message: OutgoingMessage
    ) -> None:
        self.url(message)
        part = message.submitted_parts.get()
        for token in (f"{part.pk}", f"{part.pk}:forged", "1:x"):
            url = reverse("sms_receipt", args=[token])
            assert client.get(url, {"type": "1"}).status_code == 403
        assert fate(message) == ("sent", "")

    def test_a_kind_that_nobody_knows_is_refused(
        self, client: Client, message: OutgoingMessage
    ) -> None:
        assert client.get(self.url(message, "99")).status_code == 404

    def test_neither_number_nor_text_is_in_the_address(self, message: OutgoingMessage) -> None:
        url = self.url(message)
        assert message.recipient[1:] not in url
        assert message.recipient[-9:] not in url

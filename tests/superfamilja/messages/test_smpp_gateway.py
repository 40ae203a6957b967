"""SMS leave by SMPP to a centre in a process of its own, each once, and its receipts come home."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from superfamilja.messages import delivery, templates
from superfamilja.messages.models import OutgoingMessage, Receipt
from superfamilja.messages.smpp import bind
from tests.smsc.centre import Centre, running
from tests.superfamilja.messages.passing import (
    CODE,
    MONEY,
    NOTICE,
    becomes,
    fate,
    options,
    passing,
    times,
    wait_until,
    written,
)

pytestmark = pytest.mark.django_db(transaction=True)

HEAD = "title.sq: Provë\ntitle.en: Trial\nsegments: 4\n\n[sq]\n{}\n\n[en]\n{}\n"
# Albanian with ë, Ç, € and names with apostrophes: UCS-2, four parts of 67.
ALBANIAN = (
    "Klik-ON: Çlirim D'Angelo i dha O'Hëna-s paketën Super 2000 Pa Limit, që në dyqan kushton "
    "2.000 Lekë (rreth 20 €); me Klik-ON 1.800 Lekë. Çmimi shtohet në faturën fikse të muajit "
    "tjetër. Mbeten 4.700 Lekë. Nëse s'e keni bërë ju, na telefononi menjëherë në 130."
)
# GSM alone, with letters of two places at each seam of 153.
GSM = ("{€}" * 36 + "C'eshte kjo? ") * 2 + "[Ç] " + "Fundi. " * 9 + "Fundi."


@pytest.fixture(scope="module")
def smsc() -> Iterator[Centre]:
    with running() as one:
        yield one


@pytest.fixture
def centre(smsc: Centre) -> Centre:
    """A centre that behaves; what other tests left waiting is not ours to send."""
    smsc.forget()
    OutgoingMessage.objects.filter(state="queued").update(state="failed")
    return smsc


@pytest.fixture
def trial(settings: Settings, tmp_path: Path) -> Callable[[str], None]:
    """Lets the message “whole” say this."""

    def says(text: str) -> None:
        (tmp_path / "whole.txt").write_text(HEAD.format(text, text))
        settings.SMS_TEMPLATE_DIRS = [*settings.SMS_TEMPLATE_DIRS, tmp_path]

    return says


@pytest.mark.parametrize("long_as", ["udh", "payload"])
@pytest.mark.parametrize(("text", "coding"), [(ALBANIAN, 8), (GSM, 0)], ids=["ucs2", "gsm"])
def test_four_parts_are_whole_on_the_phone(
    centre: Centre, trial: Callable[[str], None], text: str, coding: int, long_as: str
) -> None:
    trial(text)
    message = written("whole")
    with passing(centre, long_as=long_as):
        becomes(message, "sent", "delivered")
    assert centre.shown() == {message.recipient[1:]: [text]}
    assert {part.coding for part in centre.taken()} == {coding}
    assert message.segments == 4
    assert len(centre.taken()) == (4 if long_as == "udh" else 1)
    assert message.submitted_parts.filter(delivery="delivered").count() == len(centre.taken())


def test_the_letters_between_two_parts_are_not_torn() -> None:
    assert templates.segments(GSM) == 4
    assert templates.segments(ALBANIAN) == 4


@pytest.mark.parametrize(
    ("answer", "receipt", "by_tlv"),
    [
        ("dec", "dec", False),
        ("hex", "hex", False),
        ("hex", "dec", False),
        ("HEX", "dec", False),
        ("dec", "hex", False),
        ("dec", "HEX", False),
        ("padded", "dec", False),
        ("dec", "padded", False),
        ("hex", "padded", True),
        ("dec", "dec", True),
    ],
)
def test_a_receipt_finds_its_part_however_the_centre_spells_its_id(
    centre: Centre, answer: str, receipt: str, by_tlv: bool
) -> None:
    centre.behave(ids=answer, receipt_ids=receipt, by_tlv=by_tlv)
    message = written()
    with passing(centre):
        becomes(message, "sent", "delivered")
    found = Receipt.objects.filter(recipient=message.recipient, said="DELIVRD")
    assert found.filter(submitted_part__isnull=False).count() == message.segments == 2


def test_an_id_that_could_be_either_of_two_is_not_guessed(centre: Centre) -> None:
    # 16 and 22: the second in hexadecimal is 16.
    centre.behave(first_id=16, receipts=0)
    first = written(CODE)
    with passing(centre):
        becomes(first, "sent", "")
        centre.behave(first_id=22)
        second = written(CODE, to=first.recipient)
        becomes(second, "sent", "")
        centre.receipt(first.recipient[1:], "id:16 stat:DELIVRD")
        wait_until(lambda: Receipt.objects.filter(recipient=first.recipient).exists())
    assert (fate(first), fate(second)) == (("sent", ""), ("sent", ""))


@pytest.mark.parametrize(
    ("stat", "outcome"),
    [
        ("DELIVRD", "delivered"),
        ("EXPIRED", "expired"),
        ("UNDELIV", "rejected"),
        ("REJECTD", "rejected"),
        ("UNKNOWN", "unknown"),
    ],
)
def test_each_end_of_a_message_is_told_by_its_receipt(
    centre: Centre, stat: str, outcome: str
) -> None:
    message = written()
    centre.behave(stat={message.recipient[1:]: stat})
    with passing(centre):
        becomes(message, "sent", outcome)
    assert message in OutgoingMessage.objects.not_delivered() or outcome == "delivered"


def test_on_its_way_is_not_an_end(centre: Centre) -> None:
    message = written()
    centre.behave(stat={message.recipient[1:]: "ACCEPTD"})
    with passing(centre):
        wait_until(lambda: Receipt.objects.filter(recipient=message.recipient).exists())
    assert fate(message) == ("sent", "")


def test_one_part_that_did_not_arrive_spoils_the_whole(centre: Centre) -> None:
    centre.behave(receipts=0)
    message = written()
    with passing(centre):
        becomes(message, "sent", "")
        parts = list(message.submitted_parts.values_list("centre_id", flat=True))
        assert len(parts) > 1
        for number, centre_id in enumerate(parts):
            stat = "DELIVRD" if number else "EXPIRED"
            centre.receipt(message.recipient[1:], f"id:{centre_id} stat:{stat} err:0")
        becomes(message, "sent", "expired")


@pytest.mark.parametrize("receipts", [1, 3])
def test_a_receipt_that_comes_before_the_answer_and_repeated_counts_once(
    centre: Centre, receipts: int
) -> None:
    centre.behave(receipt_first=True, receipts=receipts, delay=0.1)
    message = written(CODE)
    with passing(centre):
        becomes(message, "sent", "delivered")
        wait_until(lambda: centre.seen()["acknowledged"] >= receipts)
    found = Receipt.objects.filter(recipient=message.recipient)
    assert found.filter(submitted_part__isnull=False).count() == 1
    assert times(centre, message) == 1


def test_a_message_without_a_receipt_is_handed_over_and_on_the_list(centre: Centre) -> None:
    centre.behave(receipts=0)
    message = written()
    with passing(centre):
        becomes(message, "sent", "")
    soon = timezone.now() + timedelta(minutes=1)
    assert message in OutgoingMessage.objects.without_receipt(soon)


@pytest.mark.full
@pytest.mark.parametrize("status", [0x58, 0x14], ids=["throttled", "queue full"])
def test_throttling_slows_down_and_loses_nothing(centre: Centre, status: int) -> None:
    centre.behave(throttles=3, throttle_status=status)
    messages = [written(CODE) for _ in range(5)]
    with passing(centre):
        for message in messages:
            becomes(message, "sent", "delivered")
    assert [times(centre, message) for message in messages] == [1] * 5
    assert centre.seen()["throttled"] == 3


def test_of_a_throttled_message_only_the_missing_parts_are_sent_again(centre: Centre) -> None:
    message = written(NOTICE)
    with passing(centre, window=1):  # the parts leave whole: a message is never cut by the window
        centre.behave(throttles=1)
        becomes(message, "sent", "delivered")
    shown = centre.shown()[message.recipient[1:]]
    assert len(shown) == 1
    assert times(centre, message) == message.segments


@pytest.mark.parametrize(
    ("status", "why"), [(0x0B, "unknown number"), (0x66, "refused"), (0x01, "invalid length")]
)
def test_what_can_never_arrive_is_given_up(centre: Centre, status: int, why: str) -> None:
    message = written(CODE)
    centre.behave(statuses={message.recipient[1:]: status})
    with passing(centre):
        becomes(message, "failed", "")
    assert message.last_error == why


def test_a_fault_of_the_centre_is_tried_again(centre: Centre) -> None:
    message = written()
    centre.behave(statuses={message.recipient[1:]: 0x08})
    with passing(centre):
        wait_until(lambda: OutgoingMessage.objects.get(pk=message.pk).last_error == "SMPP 0x8")
    assert fate(message) == ("queued", "")


def test_a_wrong_password_loses_nothing_and_is_tried_again(centre: Centre) -> None:
    message = written()
    with passing(centre, password="wrong"):
        wait_until(lambda: centre.seen()["refused"] >= 2)
    assert fate(message) == ("queued", "")


def test_codes_go_first_then_money_then_the_rest(centre: Centre) -> None:
    rest, money, code = written(NOTICE), written(MONEY), written(CODE)
    with passing(centre, window=1):
        for message in (rest, money, code):
            becomes(message, "sent", "delivered")
    order = list(dict.fromkeys(part.to for part in centre.taken()))
    assert order == [message.recipient[1:] for message in (code, money, rest)]


class TestWithoutAnAnswer:
    def test_a_code_is_sent_again(self, centre: Centre) -> None:
        centre.behave(answers=False, receipts=0)
        message = written(CODE)
        with passing(centre):
            wait_until(lambda: times(centre, message) == 1)
            wait_until(lambda: message.submitted_parts.exclude(silent_at=None).exists())
            centre.behave(answers=True, receipts=1)
            becomes(message, "sent", "delivered")
        assert times(centre, message) == 2

    def test_a_receipt_of_money_is_not_and_waits_for_a_person(self, centre: Centre) -> None:
        centre.behave(answers=False, receipts=0)
        message = written(MONEY)
        with passing(centre):
            becomes(message, "unknown", "")
            centre.behave(answers=True, receipts=1)
            becomes(other := written(CODE), "sent", "delivered")
        assert times(centre, message) == message.segments
        assert message in OutgoingMessage.objects.never_answered()
        assert other not in OutgoingMessage.objects.never_answered()

    def test_a_person_may_send_it_again_once(self, centre: Centre) -> None:
        centre.behave(answers=False, receipts=0)
        message = written(MONEY)
        with passing(centre):
            becomes(message, "unknown", "")
            centre.behave(answers=True, receipts=1)
            assert delivery.send_again(message.pk, at=timezone.now())
            becomes(message, "sent", "delivered")
        assert times(centre, message) == 2 * message.segments
        assert not delivery.send_again(message.pk, at=timezone.now())

    def test_a_person_may_let_it_be(self, centre: Centre) -> None:
        centre.behave(answers=False, receipts=0)
        message = written(MONEY)
        with passing(centre):
            becomes(message, "unknown", "")
        assert [delivery.let_be(message.pk) for _ in range(2)] == [True, False]
        assert fate(message) == ("failed", "")

    @pytest.mark.parametrize("echoes", [True, False])
    def test_its_receipt_finds_it(self, centre: Centre, echoes: bool) -> None:
        centre.behave(answers=False, holds=True, echoes_reference=echoes)
        message = written(MONEY)
        with passing(centre):
            becomes(message, "unknown", "")
            centre.release()
            becomes(message, "sent", "delivered")
        assert times(centre, message) == message.segments

    def test_a_receipt_that_came_before_we_gave_up_finds_it(self, centre: Centre) -> None:
        centre.behave(answers=False)
        message = written(MONEY)
        with passing(centre):
            becomes(message, "sent", "delivered")
        assert times(centre, message) == message.segments

    def test_a_late_answer_tells_it(self, centre: Centre) -> None:
        centre.behave(delay=0.5, receipts=0)
        message = written(MONEY)
        with passing(centre, answer_within=0.3):
            becomes(message, "sent", "")
        assert times(centre, message) == message.segments

    def test_the_receipt_of_other_words_is_not_its_own(self, centre: Centre) -> None:
        centre.behave(answers=False, receipts=0)
        message = written(MONEY)
        with passing(centre):
            becomes(message, "unknown", "")
            said = "id:99 stat:DELIVRD err:0 text:Another firm's words"
            centre.receipt(message.recipient[1:], said)
            wait_until(lambda: Receipt.objects.filter(recipient=message.recipient).exists())
        assert fate(message) == ("unknown", "")


class TestTheLink:
    def test_a_dropped_bind_comes_back_and_nothing_is_lost(self, centre: Centre) -> None:
        with passing(centre):
            becomes(written(), "sent", "delivered")
            centre.drop()
            message = written(CODE)  # it may leave into a dead line, so that nobody answers
            becomes(message, "sent", "delivered")
        assert times(centre, message) == message.segments
        assert centre.seen()["binds"] >= 2

    def test_dropped_with_parts_on_their_way(self, centre: Centre) -> None:
        centre.behave(drops_after=2, holds=True)
        code, money = written(CODE), written(MONEY)
        with passing(centre, again_after=3600):  # its receipt comes before it is sent again
            becomes(money, "unknown", "")
            wait_until(lambda: centre.seen()["bound"] == 1)
            centre.behave(holds=False)
            centre.release()
            becomes(code, "sent", "delivered")
        assert times(centre, code) == 1

    def test_what_was_answered_before_the_link_broke_counts(self, centre: Centre) -> None:
        centre.behave(answers_then_drops=True, receipts=0)
        message = written(CODE)
        with passing(centre):
            becomes(message, "sent", "")
        assert times(centre, message) == 1

    def test_a_link_that_does_not_answer_is_none(self, centre: Centre) -> None:
        centre.behave(answers_links=False)
        with passing(centre, enquire_every=0.2, answer_within=0.3):
            wait_until(lambda: centre.seen()["binds"] >= 2)
            centre.behave(answers_links=True)
            becomes(written(CODE), "sent", "delivered")
        assert centre.seen()["links"] >= 1

    @pytest.mark.parametrize(
        "octets",
        [
            b"\xff\xff\xff\xff\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x01",
            b"\x00\x00\x00\x10\x00\x00\x77\x77\x00\x00\x00\x00\x00\x00\x00\x01",
            b"\x00\x00\x00\x12\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x01\x00\x41",
            b"\x00\x00\x00\x01",
        ],
        ids=["endless", "unknown command", "cut short", "no header"],
    )
    def test_a_broken_pdu_costs_a_bind_and_no_message(self, centre: Centre, octets: bytes) -> None:
        with passing(centre):
            becomes(written(CODE), "sent", "delivered")
            centre.raw(octets)
            becomes(written(CODE), "sent", "delivered")

    def test_a_phone_that_writes_a_receipt_is_not_believed(self, centre: Centre) -> None:
        centre.behave(receipts=0)
        message = written(CODE)
        with passing(centre):
            becomes(message, "sent", "")
            (centre_id,) = message.submitted_parts.values_list("centre_id", flat=True)
            centre.say(message.recipient[1:], f"id:{centre_id} stat:DELIVRD")
            wait_until(lambda: centre.seen()["acknowledged"] == 1)
        assert fate(message) == ("sent", "")
        assert not Receipt.objects.filter(recipient=message.recipient).exists()

    def test_the_centre_is_told_until_when_a_code_is_of_use(self, centre: Centre) -> None:
        message = written(CODE, expires_at=timezone.now() + timedelta(minutes=10))
        with passing(centre):
            becomes(message, "sent", "delivered")
        assert centre.taken()[0].validity in {"000000000959000R", "000000001000000R"}


class TestTwoAtOnce:
    def test_two_gateways_send_each_message_once(self, centre: Centre) -> None:
        messages = [written(CODE) for _ in range(60)]
        with passing(centre, window=7), passing(centre, window=7, binds=2):
            for message in messages:
                becomes(message, "sent", "delivered")
        assert len(centre.taken()) == 60
        assert centre.seen()["binds"] == 3

    def test_control_without_the_row_locks_one_is_sent_twice(self, centre: Centre) -> None:
        def unlocked(query: Any, **_how: Any) -> Any:
            return query

        written(CODE)
        now = timezone.now()
        with (
            mock.patch("django.db.models.query.QuerySet.select_for_update", unlocked),
            mock.patch("superfamilja.messages.delivery._take"),
            mock.patch("superfamilja.messages.delivery.not_ready", return_value=""),
        ):
            first = bind.claim(now, 10, options(centre))
            second = bind.claim(now, 10, options(centre))
        assert len(first) == len(second) == 1


def test_r36_while_the_database_stands_still_nobody_binds(centre: Centre) -> None:
    message = written(CODE)
    halted = mock.patch("superfamilja.epoch.standing.why_halted", return_value="gone_back")
    with halted as asked, passing(centre):
        assert bind.claim(timezone.now(), 10, options(centre)) == []
        wait_until(lambda: asked.call_count > 5)
    assert (fate(message), centre.seen()["binds"]) == (("queued", ""), 0)


def test_r36_the_database_itself_lets_no_part_leave(centre: Centre) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'outbox_submittedpart'::regclass "
            "AND tgname = 'refuse_while_halted'"
        )
        assert cursor.fetchone() == ("refuse_while_halted",)

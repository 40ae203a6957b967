"""The PIN of the phone channel: set, checked, locked after three, unlocked; its digits nowhere."""

import logging
from typing import Any

import pytest
from django.core.serializers import serialize
from django.db import DatabaseError, IntegrityError, transaction
from pytest_django import Settings

from klikon.activation import refusals
from klikon.activation.activate import activate
from klikon.activation.quote import quote
from klikon.activation.request import Request
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.leader import leadership, phone_pin
from klikon.leader.refusals import NoLeader
from klikon.models import Activation, Channel, LeaderAssignment, PhonePin, WaitingRequest
from klikon.payer import asking
from superfamilja.accounts.models import User
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from superfamilja.messages import templates
from superfamilja.messages.models import OutgoingMessage
from tests.factories import assign, at, family_with_leader, terms_of_its_own
from tests.proofs import payers_word

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:05")
LATER = at("2026-11-05 16:00")
PIN, OTHER, WRONG = "8305", "580362", "4711"


@pytest.fixture
def leader() -> LeaderAssignment:
    leader = family_with_leader()[1]
    phone_pin.set_pin(proof=payers_word(leader.group.contract, NOW), leader=leader, pin=PIN, at=NOW)
    return leader


def tried(leader: LeaderAssignment, *pins: str) -> list[str]:
    """Return the answer to each try."""
    return [_tried(leader, pin) for pin in pins]


def _tried(leader: LeaderAssignment, pin: str) -> str:
    try:
        phone_pin.check(leader=leader, pin=pin, at=LATER)
    except phone_pin.Refusal as refusal:
        return refusal.code
    return "right"


def buy(leader: LeaderAssignment, channel: Channel = Channel.IVR, **other: Any) -> Activation:
    return activate(
        leader=leader.member.msisdn,
        member=leader.member.msisdn,
        package="S700",
        at=LATER,
        channel=channel,
        client="test",
        key=channel,
        **other,
    )


def asked_above(leader: LeaderAssignment, lek: int) -> None:
    terms_of_its_own(leader.group, pin_above_lek=lek)


class TestSetting:
    @pytest.mark.parametrize("pin", ["", "830", "8305803", "83a5", "83 05", "٨٣٠٥", "8305\n"])
    def test_four_to_six_digits_and_nothing_else(self, leader: LeaderAssignment, pin: str) -> None:
        with pytest.raises(phone_pin.PinShape):
            phone_pin.set_pin(
                proof=payers_word(leader.group.contract, LATER), leader=leader, pin=pin, at=LATER
            )

    @pytest.mark.parametrize(
        "pin",
        [
            "0000",
            "777777",
            "1234",
            "4321",
            "7890",
            "098765",
            "1212",
            "123123",
            "1985",
            "2004",
            "241285",
            "851224",
        ],
    )
    def test_what_everybody_guesses_is_refused_in_words(
        self, leader: LeaderAssignment, pin: str
    ) -> None:
        with pytest.raises(phone_pin.PinTooEasy) as refused:
            phone_pin.set_pin(
                proof=payers_word(leader.group.contract, LATER), leader=leader, pin=pin, at=LATER
            )
        assert pin not in str(refused.value)
        assert "Choose a PIN that nobody guesses" in refused.value.text("en")

    def test_no_part_of_the_familys_numbers(self, leader: LeaderAssignment) -> None:
        leader.member.msisdn = "+355678305941"
        with pytest.raises(phone_pin.PinTooEasy):
            phone_pin.set_pin(
                proof=payers_word(leader.group.contract, LATER),
                leader=leader,
                pin="830594",
                at=LATER,
            )

    def test_another_one_ends_the_one_before_and_a_lock_with_it(
        self, leader: LeaderAssignment
    ) -> None:
        tried(leader, WRONG, WRONG, WRONG)
        phone_pin.set_pin(
            proof=payers_word(leader.group.contract, LATER), leader=leader, pin=OTHER, at=LATER
        )
        assert tried(leader, OTHER, PIN) == ["right", "wrong_pin"]
        assert PhonePin.objects.filter(assignment=leader).count() == 2

    def test_removed_there_is_none(self, leader: LeaderAssignment) -> None:
        phone_pin.remove_pin(leader=leader, at=LATER)
        assert tried(leader, PIN) == ["no_pin"]
        with pytest.raises(phone_pin.NoPin):
            phone_pin.remove_pin(leader=leader, at=LATER)

    def test_r4_whoever_leads_next_has_none(self, leader: LeaderAssignment) -> None:
        next_one = assign(leader.group.memberships.get(seat=2))
        assert phone_pin.current(next_one) is None

    def test_r4_who_leads_no_more_gets_none(self, leader: LeaderAssignment) -> None:
        leadership.revoke(assignment=leader, at=NOW)
        with pytest.raises(NoLeader):
            phone_pin.set_pin(
                proof=payers_word(leader.group.contract, LATER), leader=leader, pin=OTHER, at=LATER
            )

    def test_staff_say_why(self, leader: LeaderAssignment) -> None:
        with pytest.raises(ReasonMissing):
            phone_pin.set_pin(
                proof=payers_word(leader.group.contract, LATER),
                leader=leader,
                pin=OTHER,
                at=LATER,
                actor=User.objects.create(username="clerk"),
            )


class TestChecking:
    def test_right_is_right(self, leader: LeaderAssignment) -> None:
        assert tried(leader, PIN) == ["right"]

    def test_the_third_wrong_one_locks_and_then_even_the_right_one_is_refused(
        self, leader: LeaderAssignment
    ) -> None:
        assert tried(leader, WRONG, WRONG, WRONG, PIN) == [
            "wrong_pin",
            "wrong_pin",
            "phone_locked",
            "phone_locked",
        ]

    def test_it_says_how_many_tries_are_left(self, leader: LeaderAssignment) -> None:
        with pytest.raises(phone_pin.WrongPin) as refused:
            phone_pin.check(leader=leader, pin=WRONG, at=LATER)
        assert refused.value.text("en") == "The PIN is wrong. Tries left: 2."

    def test_a_right_one_forgets_the_wrong_ones(self, leader: LeaderAssignment) -> None:
        tried(leader, WRONG, WRONG, PIN)
        assert tried(leader, WRONG, WRONG, PIN) == ["wrong_pin", "wrong_pin", "right"]

    def test_the_payer_is_told_of_each_lock(self, leader: LeaderAssignment) -> None:
        tried(leader, WRONG, WRONG, WRONG, WRONG)
        told = OutgoingMessage.objects.get(template="phone_locked")
        assert told.recipient == leader.group.contract.contact_msisdn
        assert "the PIN was wrong three times, so 130 is locked" in templates.render(
            "phone_locked", "en", told.parameters
        )
        phone_pin.unlock(proof=payers_word(leader.group.contract, LATER), leader=leader, at=LATER)
        tried(leader, WRONG, WRONG, WRONG)
        assert OutgoingMessage.objects.filter(template="phone_locked").count() == 2

    def test_unlocked_the_same_pin_is_right(self, leader: LeaderAssignment) -> None:
        tried(leader, WRONG, WRONG, WRONG)
        phone_pin.unlock(proof=payers_word(leader.group.contract, LATER), leader=leader, at=LATER)
        assert tried(leader, WRONG, PIN) == ["wrong_pin", "right"]
        with pytest.raises(phone_pin.NotLocked):
            phone_pin.unlock(
                proof=payers_word(leader.group.contract, LATER), leader=leader, at=LATER
            )


class TestTheLockedChannel:
    @pytest.fixture
    def locked(self, leader: LeaderAssignment) -> LeaderAssignment:
        tried(leader, WRONG, WRONG, WRONG)
        return leader

    def test_r19_nothing_is_activated_by_phone(self, locked: LeaderAssignment) -> None:
        with pytest.raises(refusals.PhoneLocked):
            buy(locked)

    def test_r19_the_other_channels_go_on(self, locked: LeaderAssignment) -> None:
        assert buy(locked, Channel.WEB).charged_lek == 500

    def test_r19_the_quote_says_it_beforehand(self, locked: LeaderAssignment) -> None:
        said = quote(
            group=locked.group,
            leader=locked.member.msisdn,
            member=locked.member,
            at=LATER,
            channel=Channel.IVR,
        )
        assert isinstance(said.refusal, refusals.PhoneLocked)


class TestAskedAboveAnAmount:
    def test_r19_the_first_terms_never_ask(self, leader: LeaderAssignment) -> None:
        assert buy(leader).charged_lek == 500

    @pytest.mark.parametrize(("above", "asked"), [(500, False), (499, True), (0, True)])
    def test_r19_the_quote_says_above_which_price(
        self, leader: LeaderAssignment, above: int, asked: bool
    ) -> None:
        asked_above(leader, above)
        said = quote(
            group=leader.group,
            leader=leader.member.msisdn,
            member=leader.member,
            at=LATER,
            channel=Channel.IVR,
        ).row("S700")
        assert said is not None
        assert said.pin is asked

    def test_r19_nothing_is_activated_by_phone_without_it(self, leader: LeaderAssignment) -> None:
        asked_above(leader, 499)
        with pytest.raises(refusals.PinNotGiven):
            buy(leader)
        assert not leader.group.contract.charges.exists()

    def test_r19_r28_a_request_that_says_nothing_has_neither_pin_nor_approval(self) -> None:
        numbers = "+355670000001", "+355670000002"
        request = Request(*numbers, "S700", LATER, channel=Channel.IVR)
        assert (request.pin_given, request.approved) == (False, False)

    def test_r19_with_it_it_is(self, leader: LeaderAssignment) -> None:
        asked_above(leader, 499)
        assert buy(leader, pin_given=True).charged_lek == 500

    def test_r19_other_channels_know_no_pin(self, leader: LeaderAssignment) -> None:
        asked_above(leader, 0)
        assert buy(leader, Channel.WEB).charged_lek == 500

    def test_r28_what_waits_was_asked_for_with_it_and_the_payers_yes_suffices(
        self, leader: LeaderAssignment
    ) -> None:
        asked_above(leader, 0)
        asking.set_ask_above(group=leader.group, above_lek=0, at=NOW)
        answer = buy(leader, pin_given=True)
        assert isinstance(answer, WaitingForTheFixedLeader)
        waits = WaitingRequest.objects.get()
        assert asking.approve(waiting=waits, at=LATER).charged_lek == 500


class TestItsDigitsAreNowhere:
    def test_only_a_slow_salted_hash_is_kept(
        self, leader: LeaderAssignment, settings: Settings
    ) -> None:
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
        rows = [
            phone_pin.set_pin(
                proof=payers_word(leader.group.contract, LATER), leader=leader, pin=OTHER, at=LATER
            )
            for _ in range(2)
        ]
        assert all(row.pin_hash.startswith("pbkdf2_sha256$") for row in rows)
        assert rows[0].pin_hash != rows[1].pin_hash

    def test_not_in_acts_messages_logs_or_words(
        self, leader: LeaderAssignment, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        phone_pin.set_pin(
            proof=payers_word(leader.group.contract, LATER), leader=leader, pin=OTHER, at=LATER
        )
        tried(leader, WRONG, OTHER, WRONG, WRONG, WRONG)
        seen = serialize("json", [*Act.objects.all(), *OutgoingMessage.objects.all()])
        seen += repr(phone_pin.current(leader)) + repr(vars(phone_pin.WrongPin(left=1)))
        seen += "".join(
            r.getMessage() for r in caplog.records if not r.name.startswith("django.db")
        )
        assert OTHER not in seen
        assert WRONG not in seen

    def test_the_database_takes_no_bare_digits(self, leader: LeaderAssignment) -> None:
        PhonePin.objects.filter(assignment=leader).update(ended_at=LATER)
        with pytest.raises(IntegrityError), transaction.atomic():
            PhonePin.objects.create(assignment=leader, pin_hash=PIN, set_at=NOW)

    def test_a_lock_is_three_wrong_tries_and_a_hash_stays(self, leader: LeaderAssignment) -> None:
        for change in ({"locked_at": LATER}, {"wrong_tries": 3}, {"pin_hash": "another"}):
            with pytest.raises(DatabaseError), transaction.atomic():
                PhonePin.objects.filter(assignment=leader).update(**change)

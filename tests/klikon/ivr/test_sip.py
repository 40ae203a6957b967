"""What a caller does and hears over real SIP; each prompt is a short sound of its own."""

import asyncio
import logging
from datetime import timedelta
from threading import Event

import pytest
from django.db import OperationalError
from django.utils import timezone

from klikon.activation.refusals import NotInTheGroup, OverTheCap
from klikon.demonstration.phone.softphone import PCMA, PCMU, Softphone
from klikon.ivr.dialogue import questions as ask
from klikon.ivr.dialogue.turns import say, say_no
from klikon.ivr.facts import CallFacts
from klikon.ivr.models import PhoneCall
from klikon.ivr.voice import sounds, voices
from klikon.leader import phone_pin
from klikon.models import LeaderAssignment
from klikon.payer import asking
from superfamilja.values.months import month_of
from tests.factories import charge, terms_of_its_own
from tests.klikon.ivr.short_sounds import short_sound
from tests.klikon.ivr.telephone import (
    active_since,
    contains,
    correlation,
    heard,
    keys,
    keys_and_stay,
    lek_spent,
    my_turn,
    on_the_phone,
    press_each,
    register_of,
)
from tests.proofs import payers_word

pytestmark = pytest.mark.django_db(transaction=True)
REAL_VOICE = voices.speak


def say_long(monkeypatch, beginning: str) -> None:
    """Speak three seconds for the sentence that begins so, and the usual moment for all others."""
    monkeypatch.setattr(
        voices,
        "speak",
        lambda text, language: (
            short_sound(text, language) * (50 if text.startswith(beginning) else 1)
        ),
    )


@pytest.mark.parametrize("codec", [PCMA, PCMU])
def test_an_activation_and_what_was_heard(leader: LeaderAssignment, codec: int) -> None:
    phone = on_the_phone(leader.member.msisdn, keys("211"), codec=codec)
    assert lek_spent(leader) == [500]
    assert contains(phone, "welcome")
    assert contains(phone, "price", list_lek=700, charged_lek=500)
    assert contains(phone, "done", package="Super 700")


def test_the_call_is_in_the_register(leader: LeaderAssignment) -> None:
    on_the_phone(leader.member.msisdn, keys("2112", stay=True))
    row = register_of(leader)
    assert (row.adapter, row.outcome, row.end) == ("sip", "activated", "finished")
    assert row.path == [
        "arriving",
        "members",
        "looking",
        "packages",
        "price",
        "activating",
        "afterwards",
        "end",
    ]


def test_keys_while_the_prompt_plays_end_it(leader: LeaderAssignment, monkeypatch) -> None:
    say_long(monkeypatch, "Mirë se vini")

    async def at_once(phone: Softphone) -> None:
        await phone.dial()
        await phone.sounding()
        phone.press("2")
        await press_each(phone, "11")
        phone.hang_up()

    phone = on_the_phone(leader.member.msisdn, at_once)
    assert lek_spent(leader) == [500]
    assert not contains(phone, "welcome")  # it was cut off, and the prompt after it never began
    assert contains(phone, "price", list_lek=700, charged_lek=500)


def test_the_real_voice_comes_over_the_line_as_it_was_spoken(
    leader: LeaderAssignment, monkeypatch
) -> None:
    monkeypatch.setattr(voices, "speak", REAL_VOICE)

    async def listens(phone: Softphone) -> None:
        await phone.dial()
        await phone.sounding()
        begun = len(phone.frames)
        [welcome] = sounds.files(say("welcome"), "sq")
        while len(phone.frames) < begun + len(sounds.samples(welcome)) // 160:
            await asyncio.sleep(0.02)
        phone.hang_up()

    phone = on_the_phone(leader.member.msisdn, listens)
    assert correlation(phone, "welcome") > 0.999


def test_a_key_during_the_price_is_no_yes(leader: LeaderAssignment, monkeypatch) -> None:
    say_long(monkeypatch, "Në dyqan")

    async def too_early(phone: Softphone) -> None:
        await phone.dial()
        await press_each(phone, "2")
        phone.press("1")
        await phone.sounding()
        phone.press("1")  # the price is being said
        await my_turn(phone)
        phone.hang_up()

    phone = on_the_phone(leader.member.msisdn, too_early)
    assert register_of(leader).left_at == "price"
    assert contains(phone, "price", list_lek=700, charged_lek=500)
    assert lek_spent(leader) == []


def test_a_hash_after_ten_digits(leader: LeaderAssignment) -> None:
    number = "0" + leader.group.memberships.get(seat=2).msisdn.removeprefix("+355")

    on_the_phone(leader.member.msisdn, keys(f"({number}#)111"))
    assert lek_spent(leader) == [500]


def test_a_wrong_number_is_refused(leader: LeaderAssignment) -> None:
    phone = on_the_phone(leader.member.msisdn, keys("(0690000009)1"))
    assert (lek_spent(leader), register_of(leader).refusal) == ([], "not_in_the_group")
    assert heard(phone, say_no(NotInTheGroup()))


def test_over_the_cap(leader: LeaderAssignment) -> None:
    now = timezone.now()
    for month in {month_of(now), month_of(now + timedelta(hours=1))}:  # the month may end meanwhile
        charge(leader.group.contract, 6500, month.isoformat())
    phone = on_the_phone(leader.member.msisdn, keys("2"))
    assert (lek_spent(leader), register_of(leader).refusal) == ([], "over_the_cap")
    over = OverTheCap(charged_lek=500, room_lek=0, limit_lek=6500, still_fits=[])
    assert heard(phone, say_no(over))


def test_who_does_not_lead_is_told_and_let_go(leader: LeaderAssignment) -> None:
    member = leader.group.memberships.get(seat=2)
    phone = on_the_phone(member.msisdn, keys("2", stay=True))
    assert contains(phone, "what_klik_on_is")
    assert contains(phone, "your_number", number_digits=member.msisdn)


def test_the_fixed_leader_stops_activations_with_one_key(leader: LeaderAssignment) -> None:
    payer = leader.group.contract.contact_msisdn
    phone = on_the_phone(payer, keys("8", stay=True))
    assert contains(phone, "payer_stopped", name=leader.member.name)
    assert leader.freezes.filter(ended_at=None).exists()


def test_above_the_amount_the_pin_is_asked_and_the_right_one_goes_on(
    leader: LeaderAssignment,
) -> None:
    terms_of_its_own(leader.group, pin_above_lek=0)
    phone_pin.set_pin(
        proof=payers_word(leader.group.contract, timezone.now()),
        leader=leader,
        pin="4071",
        at=timezone.now(),
    )
    on_the_phone(leader.member.msisdn, keys("21" + "(4071#)" + "1"))
    assert lek_spent(leader) == [500]


def test_the_digits_of_a_pin_are_in_no_log(leader: LeaderAssignment, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    terms_of_its_own(leader.group, pin_above_lek=0)
    phone_pin.set_pin(
        proof=payers_word(leader.group.contract, timezone.now()),
        leader=leader,
        pin="4071",
        at=timezone.now(),
    )
    on_the_phone(leader.member.msisdn, keys("21" + "(4071#)", by_info=True))
    said = [record.getMessage() for record in caplog.records]
    assert not [line for line in said if "4071" in line or "Signal" in line]


def test_three_wrong_pins_lock_the_phone(leader: LeaderAssignment) -> None:
    terms_of_its_own(leader.group, pin_above_lek=0)
    phone_pin.set_pin(
        proof=payers_word(leader.group.contract, timezone.now()),
        leader=leader,
        pin="4071",
        at=timezone.now(),
    )
    on_the_phone(leader.member.msisdn, keys("21" + "(9305#)" * 3, stay=True))
    assert (lek_spent(leader), register_of(leader).refusal) == ([], "phone_locked")


def test_hanging_up_before_the_yes_changes_nothing(leader: LeaderAssignment) -> None:
    on_the_phone(leader.member.msisdn, keys("21"))
    assert (lek_spent(leader), register_of(leader).end) == ([], "hung_up")


def test_hanging_up_right_after_the_yes_leaves_it_done(
    leader: LeaderAssignment, monkeypatch
) -> None:
    asked_for, hung_up, activate = Event(), Event(), CallFacts.activate

    def slowly(facts: CallFacts, act: ask.ActivateByPhone) -> ask.Activated:
        asked_for.set()
        assert hung_up.wait(5)
        return activate(facts, act)

    monkeypatch.setattr(CallFacts, "activate", slowly)

    async def gone(phone: Softphone) -> None:
        await keys_and_stay(phone, "21")
        phone.press("1")
        assert await asyncio.to_thread(asked_for.wait, 20)
        phone.hang_up()
        await phone.settled()
        hung_up.set()

    on_the_phone(leader.member.msisdn, gone)
    assert lek_spent(leader) == [500]


@pytest.mark.full
def test_e16_calling_again_asks_before_it_charges_once_more(leader: LeaderAssignment) -> None:
    on_the_phone(leader.member.msisdn, keys("211"))
    again = on_the_phone(leader.member.msisdn, keys("21" + "2"))
    since = active_since(leader)
    assert since is not None
    assert heard(again, say_no(since))
    assert lek_spent(leader) == [500]


def test_r25_the_key_of_the_package_pressed_twice_is_no_yes_to_once_more(
    leader: LeaderAssignment,
) -> None:
    on_the_phone(leader.member.msisdn, keys("211"))
    again = on_the_phone(leader.member.msisdn, keys("2(11)1"))
    since = active_since(leader)
    assert since is not None
    assert heard(again, say_no(since))
    assert lek_spent(leader) == [500]


@pytest.mark.full
def test_two_purchases_in_one_call(leader: LeaderAssignment) -> None:
    on_the_phone(leader.member.msisdn, keys("211" + "1" + "311"))
    assert lek_spent(leader) == [500, 500]


def test_what_waits_for_the_payer_is_said_so(leader: LeaderAssignment) -> None:
    asking.set_ask_above(group=leader.group, above_lek=0, at=leader.assigned_at)
    phone = on_the_phone(leader.member.msisdn, keys("211"))
    assert contains(phone, "waiting_sms")
    assert lek_spent(leader) == []


@pytest.mark.full
def test_an_answer_that_was_lost_after_the_yes_is_found_by_the_next_call(
    leader: LeaderAssignment, monkeypatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr(CallFacts, "activate", _done_and_lost(CallFacts.activate))
        phone = on_the_phone(leader.member.msisdn, keys("211", stay=True))
    assert contains(phone, "sorry_after_yes")
    row = PhoneCall.objects.get(contract=leader.group.contract)
    assert (row.end, row.left_at) == ("failed", "activating")
    again = on_the_phone(leader.member.msisdn, keys("21"))
    assert contains(again, "again_keys")
    assert lek_spent(leader) == [500]


def _done_and_lost(activate):
    """Commit, and then lose the database before the answer."""

    def lost(self, act):
        activate(self, act)
        raise OperationalError

    return lost

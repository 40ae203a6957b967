"""Real calls: SIP and RTP over UDP on this machine, by a telephone that shares no library with 130.

Each prompt is a short sound of its own, so that a call takes a second and what was heard is known.
"""

import asyncio
import os
import random
import re
from array import array
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from django.db import OperationalError
from django.utils import timezone

from klikon import asking, phone_pin
from klikon.demonstration.softphone import PCMA, PCMU, NoAnswer, Softphone
from klikon.ivr import sounds, voices
from klikon.ivr.answering import threads
from klikon.ivr.facts import Facts
from klikon.ivr.sip import Sip
from klikon.ivr.turns import Say
from klikon.models import Activation, LeaderAssignment, PhoneCall
from tests.factories import charge, family_with_leader, terms_of_its_own
from tests.klikon.ivr.loop import run

pytestmark = pytest.mark.django_db(transaction=True)
QUIET = 0.25  # seconds: the pauses between two prompts are shorter, also on a busy machine
Doing = Callable[[Softphone], Awaitable[None]]


def short_sound(text: str, language: str) -> "array[int]":
    """Sixty milliseconds that sound like no other text's."""
    dice = random.Random(f"{language} {text}")  # noqa: S311
    return array("h", [dice.randrange(-8000, 8000) | 1 for _ in range(480)])


@pytest.fixture
def leader(settings, tmp_path: Path, monkeypatch) -> LeaderAssignment:
    settings.IVR_SOUNDS_DIR = tmp_path
    settings.IVR_SIP_BELIEVES_PHONES_HERE = True
    first = 42000 + 400 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    settings.IVR_SIP_RTP_PORTS = [first, first + 400]
    monkeypatch.setattr(voices, "speak", short_sound)
    return family_with_leader()[1]


def on_the_phone(number: str, doing: Doing, *, ring: float = 0.02, **how) -> Softphone:
    return on_phones([(number, doing, how)], ring=ring)[0]


def on_phones(callers: list[tuple[str, Doing, dict]], *, ring: float = 0.02) -> list[Softphone]:
    async def call(server: Sip, number: str, doing: Doing, how: dict) -> Softphone:
        phone = Softphone(number, ("127.0.0.1", server.port), **how)
        await phone.open()
        try:
            if not phone.asserts:
                await phone.register()
            await doing(phone)
        finally:
            phone.close()
        return phone

    async def all_of_them() -> list[Softphone]:
        with threads() as pool:
            server = Sip(pool, rings=ring)
            await server.start("127.0.0.1", 0)
            try:
                return await asyncio.gather(*(call(server, *caller) for caller in callers))
            finally:
                async with asyncio.timeout(20):
                    while server.calls:
                        await asyncio.sleep(0.01)
                await server.stop()

    return run(all_of_them())


def keys(text: str, *, by_info: bool = False, stay: bool = False) -> Doing:
    """Dial, press each key when it is quiet, those in brackets without waiting, and hang up."""
    bursts = re.findall(r"\(([^)]+)\)|(.)", text)

    async def doing(phone: Softphone) -> None:
        await phone.dial()
        for burst in ("".join(found) for found in bursts):
            await phone.quiet(QUIET)
            for key in burst:
                (phone.press_by_info if by_info else phone.press)(key)
                await asyncio.sleep(0.005)
        await phone.quiet(QUIET)
        if stay:
            await asyncio.wait_for(phone.over.wait(), 20)
        elif not phone.over.is_set():
            phone.hang_up()

    return doing


def lek_spent(leader: LeaderAssignment) -> list[int]:
    own = Activation.objects.filter(contract=leader.group.contract).order_by("pk")
    return list(own.values_list("charged_lek", flat=True))


def register_of(leader: LeaderAssignment) -> PhoneCall:
    return PhoneCall.objects.filter(contract=leader.group.contract).get()


def contains(phone: Softphone, key: str, **values) -> bool:
    """Whether this prompt was heard, sample by sample, as the standard decodes it."""
    [path] = sounds.files(Say(key, values), "sq")
    wanted = sounds.samples(path)
    heard = [DECODED[phone.codec][byte] for byte in phone.heard()]
    near = [abs(sample - wanted[0]) < 600 for sample in heard]
    return any(
        near[start] and all(abs(h - w) < 600 for h, w in zip(heard[start:], wanted, strict=False))
        for start in range(len(heard) - len(wanted) + 1)
    )


def _a_law(byte: int) -> int:
    """ITU-T G.711, A-law, written down from the standard."""
    byte ^= 0x55
    exponent, mantissa = (byte >> 4) & 7, byte & 15
    size = (mantissa << 4) + 8 if not exponent else ((mantissa << 4) + 0x108) << (exponent - 1)
    return size if byte & 0x80 else -size


def _mu_law(byte: int) -> int:
    """ITU-T G.711, mu-law."""
    byte = ~byte & 0xFF
    size = ((((byte & 15) << 3) + 0x84) << ((byte >> 4) & 7)) - 0x84
    return -size if byte & 0x80 else size


DECODED = {
    PCMA: [_a_law(byte) for byte in range(256)],
    PCMU: [_mu_law(byte) for byte in range(256)],
}


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
        "arriving", "members", "looking", "packages", "price", "activating", "afterwards", "end",
    ]  # fmt: skip


def test_keys_by_sip_info(leader: LeaderAssignment) -> None:
    on_the_phone(leader.member.msisdn, keys("211", by_info=True))
    assert lek_spent(leader) == [500]


def test_keys_under_another_payload_type(leader: LeaderAssignment) -> None:
    on_the_phone(leader.member.msisdn, keys("211"), event_type=96)
    assert lek_spent(leader) == [500]


def test_keys_while_the_prompt_plays(leader: LeaderAssignment) -> None:
    async def at_once(phone: Softphone) -> None:
        await phone.dial()
        for key in "21":
            await asyncio.sleep(0.1)
            phone.press(key)
        await phone.quiet(QUIET)
        phone.press("1")
        await phone.quiet(QUIET)
        phone.hang_up()

    on_the_phone(leader.member.msisdn, at_once)
    assert lek_spent(leader) == [500]


def test_a_key_during_the_price_is_no_yes(leader: LeaderAssignment) -> None:
    async def too_early(phone: Softphone) -> None:
        await phone.dial()
        for key in "21":
            await phone.quiet(QUIET)
            phone.press(key)
        await asyncio.sleep(0.1)
        phone.press("1")  # the price is being said
        await phone.quiet(QUIET)
        phone.hang_up()

    on_the_phone(leader.member.msisdn, too_early)
    assert lek_spent(leader) == []


def test_a_hash_after_ten_digits(leader: LeaderAssignment) -> None:
    number = "0" + leader.group.memberships.get(seat=2).msisdn.removeprefix("+355")

    on_the_phone(leader.member.msisdn, keys(f"({number}#)111"))
    assert lek_spent(leader) == [500]


def test_a_wrong_number_is_refused(leader: LeaderAssignment) -> None:
    on_the_phone(leader.member.msisdn, keys("(0690000009)1"))
    assert (lek_spent(leader), register_of(leader).refusal) == ([], "not_in_the_group")


def test_over_the_cap(leader: LeaderAssignment) -> None:
    charge(leader.group.contract, 6500, "2026-11-05 14:05")
    on_the_phone(leader.member.msisdn, keys("2"))
    assert lek_spent(leader) == []


def test_who_does_not_lead_is_told_and_let_go(leader: LeaderAssignment) -> None:
    member = leader.group.memberships.get(seat=2)
    phone = on_the_phone(member.msisdn, keys("2", stay=True))
    assert contains(phone, "what_klik_on_is")


def test_above_the_amount_the_pin_is_asked_and_the_right_one_goes_on(
    leader: LeaderAssignment,
) -> None:
    terms_of_its_own(leader.group, pin_above_lek=0)
    phone_pin.set_pin(leader=leader, pin="4071", at=timezone.now())
    on_the_phone(leader.member.msisdn, keys("21" + "(4071#)" + "1"))
    assert lek_spent(leader) == [500]


def test_three_wrong_pins_lock_the_phone(leader: LeaderAssignment) -> None:
    terms_of_its_own(leader.group, pin_above_lek=0)
    phone_pin.set_pin(leader=leader, pin="4071", at=timezone.now())
    on_the_phone(leader.member.msisdn, keys("21" + "(9305#)" * 3, stay=True))
    assert (lek_spent(leader), register_of(leader).refusal) == ([], "phone_locked")


def test_hanging_up_before_the_yes_changes_nothing(leader: LeaderAssignment) -> None:
    on_the_phone(leader.member.msisdn, keys("21"))
    assert (lek_spent(leader), register_of(leader).end) == ([], "hung_up")


def test_hanging_up_right_after_the_yes_leaves_it_done(leader: LeaderAssignment) -> None:
    async def gone(phone: Softphone) -> None:
        await keys_and_stay(phone, "21")
        phone.press("1")
        await asyncio.sleep(0.05)
        phone.hang_up()

    on_the_phone(leader.member.msisdn, gone)
    assert lek_spent(leader) == [500]


async def keys_and_stay(phone: Softphone, text: str) -> None:
    await phone.dial()
    for key in text:
        await phone.quiet(QUIET)
        phone.press(key)
    await phone.quiet(QUIET)


def test_e16_calling_again_asks_before_it_charges_once_more(leader: LeaderAssignment) -> None:
    on_the_phone(leader.member.msisdn, keys("211"))
    on_the_phone(leader.member.msisdn, keys("21" + "2"))
    assert lek_spent(leader) == [500]


def test_two_purchases_in_one_call(leader: LeaderAssignment) -> None:
    on_the_phone(leader.member.msisdn, keys("211" + "1" + "311"))
    assert lek_spent(leader) == [500, 500]


def test_what_waits_for_the_payer_is_said_so(leader: LeaderAssignment) -> None:
    asking.set_ask_above(group=leader.group, above_lek=0, at=leader.assigned_at)
    phone = on_the_phone(leader.member.msisdn, keys("211"))
    assert contains(phone, "waiting_sms")
    assert lek_spent(leader) == []


def test_a_repeated_invite_is_the_same_call(leader: LeaderAssignment) -> None:
    async def impatient(phone: Softphone) -> None:
        request = phone.invite()
        for _ in range(5):
            phone.send_again(request)
        await phone.answered()
        phone.send_again(request)
        await phone.quiet(QUIET)
        phone.hang_up()

    on_the_phone(leader.member.msisdn, impatient)
    assert PhoneCall.objects.filter(contract=leader.group.contract).count() == 1


def test_a_cancelled_call_never_was(leader: LeaderAssignment) -> None:
    async def cancels(phone: Softphone) -> None:
        phone.invite()
        await asyncio.sleep(0.02)
        phone.cancel()
        with pytest.raises(NoAnswer, match="487"):
            await phone.answered()

    on_the_phone(leader.member.msisdn, cancels, ring=5)
    assert not PhoneCall.objects.filter(caller=leader.member.msisdn).exists()


@pytest.mark.parametrize("status", [403])
def test_who_has_not_registered_may_not_call(leader: LeaderAssignment, status: int) -> None:
    async def as_somebody_else(phone: Softphone) -> None:
        phone.number = "+355680000008"
        with pytest.raises(NoAnswer, match=str(status)):
            await phone.dial()

    on_the_phone(leader.member.msisdn, as_somebody_else)


def test_where_no_phone_is_believed_nobody_registers(leader: LeaderAssignment, settings) -> None:
    settings.IVR_SIP_BELIEVES_PHONES_HERE = False

    async def tries(phone: Softphone) -> None:
        assert await phone.register() == 403
        with pytest.raises(NoAnswer, match="403"):
            await phone.dial()

    on_the_phone(leader.member.msisdn, tries)


def test_the_carriers_switch_asserts_who_calls(leader: LeaderAssignment, settings) -> None:
    settings.IVR_SIP_BELIEVES_PHONES_HERE = False
    settings.IVR_SIP_PEERS = ["127.0.0.0/8"]
    on_the_phone(leader.member.msisdn, keys("211"), asserts=True)
    assert lek_spent(leader) == [500]


def test_another_number_than_130_is_not_here(leader: LeaderAssignment) -> None:
    async def elsewhere(phone: Softphone) -> None:
        with pytest.raises(NoAnswer, match="404"):
            await phone.dial("131")

    on_the_phone(leader.member.msisdn, elsewhere)


def test_ten_at_once_are_each_answered(leader: LeaderAssignment) -> None:
    families = [leader, *(family_with_leader()[1] for _ in range(9))]
    on_phones([(one.member.msisdn, keys("211"), {}) for one in families])
    assert [lek_spent(one) for one in families] == [[500]] * 10


def test_an_answer_that_was_lost_after_the_yes_is_found_by_the_next_call(
    leader: LeaderAssignment, monkeypatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr(Facts, "_activate", _done_and_lost(Facts._activate))
        phone = on_the_phone(leader.member.msisdn, keys("211", stay=True))
    assert contains(phone, "sorry_after_yes")
    row = PhoneCall.objects.get(contract=leader.group.contract)
    assert (row.end, row.left_at) == ("failed", "activating")
    again = on_the_phone(leader.member.msisdn, keys("21"))
    assert contains(again, "again_keys")
    assert lek_spent(leader) == [500]


def _done_and_lost(activate):
    """The database commits, and is away before it can say so."""

    def lost(self, act):
        activate(self, act)
        raise OperationalError

    return lost


def test_a_server_that_is_stopped_ends_its_calls_and_activates_nothing(
    leader: LeaderAssignment,
) -> None:
    async def stopped() -> Softphone:
        with threads() as pool:
            server = Sip(pool, rings=0.02)
            await server.start("127.0.0.1", 0)
            phone = Softphone(leader.member.msisdn, ("127.0.0.1", server.port))
            await phone.open()
            await phone.register()
            await keys_and_stay(phone, "21")
            await server.stop()
            await asyncio.wait_for(phone.over.wait(), 5)
            phone.close()
            return phone

    run(stopped())
    assert lek_spent(leader) == []
    assert register_of(leader).end == "failed"

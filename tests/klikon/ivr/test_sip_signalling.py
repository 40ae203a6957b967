"""SIP itself: who may call, repeated and cancelled calls, digits in every form, many at once."""

import asyncio

import pytest

from klikon.demonstration.phone.softphone import CallNotTaken, Softphone
from klikon.ivr.answering import threads
from klikon.ivr.models import PhoneCall
from klikon.ivr.sip.listener import Sip
from klikon.models import LeaderAssignment
from tests.factories import family_with_leader
from tests.klikon.ivr.loop import run
from tests.klikon.ivr.telephone import (
    QUIET,
    contains,
    keys,
    keys_and_stay,
    lek_spent,
    on_phones,
    on_the_phone,
    register_of,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_keys_by_sip_info(leader: LeaderAssignment) -> None:
    on_the_phone(leader.member.msisdn, keys("211", by_info=True))
    assert lek_spent(leader) == [500]


def info(phone: Softphone, body: str) -> None:
    extra = ["Content-Type: application/dtmf-relay"]
    phone._send(phone._request("INFO", phone._uri, extra=extra, body=body))


@pytest.mark.parametrize("body", ["", "Duration=160\r\n", "Signal=\r\n", "Signal=12\r\n"])
def test_an_info_without_one_key_presses_nothing(leader: LeaderAssignment, body: str) -> None:
    async def at_the_menu(phone: Softphone) -> None:
        await phone.dial()
        info(phone, body)
        await phone.quiet(QUIET)
        info(phone, body)
        for key in "21":
            phone.press_by_info(key)
            await phone.quiet(QUIET)
        info(phone, body)
        phone.press_by_info("1")
        await phone.quiet(QUIET)
        phone.hang_up()

    on_the_phone(leader.member.msisdn, at_the_menu)
    assert (lek_spent(leader), register_of(leader).end) == ([500], "hung_up")
    assert "members" in register_of(leader).path


def test_an_info_without_a_key_does_not_cut_the_price_short(leader: LeaderAssignment) -> None:
    async def again_and_again(phone: Softphone) -> None:
        while True:
            info(phone, "Signal=\r\n")
            await asyncio.sleep(0.01)

    async def during_the_price(phone: Softphone) -> None:
        await keys_and_stay(phone, "2")
        phone.press("1")
        pressing = asyncio.create_task(again_and_again(phone))
        await phone.quiet(QUIET)
        pressing.cancel()
        phone.hang_up()

    phone = on_the_phone(leader.member.msisdn, during_the_price)
    assert contains(phone, "price", list_lek=700, charged_lek=500)
    assert contains(phone, "price_left", left_lek=6000)


def test_keys_under_another_payload_type(leader: LeaderAssignment) -> None:
    on_the_phone(leader.member.msisdn, keys("211"), event_type=96)
    assert lek_spent(leader) == [500]


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
        with pytest.raises(CallNotTaken, match="487"):
            await phone.answered()

    on_the_phone(leader.member.msisdn, cancels, ring=5)
    assert not PhoneCall.objects.filter(caller=leader.member.msisdn).exists()


@pytest.mark.parametrize("status", [403])
def test_who_has_not_registered_may_not_call(leader: LeaderAssignment, status: int) -> None:
    async def as_somebody_else(phone: Softphone) -> None:
        phone.number = "+355680000008"
        with pytest.raises(CallNotTaken, match=str(status)):
            await phone.dial()

    on_the_phone(leader.member.msisdn, as_somebody_else)


def test_where_no_phone_is_believed_nobody_registers(leader: LeaderAssignment, settings) -> None:
    settings.IVR_SIP_BELIEVES_PHONES_HERE = False

    async def tries(phone: Softphone) -> None:
        assert await phone.register() == 403
        with pytest.raises(CallNotTaken, match="403"):
            await phone.dial()

    on_the_phone(leader.member.msisdn, tries)


def test_the_carriers_switch_asserts_who_calls(leader: LeaderAssignment, settings) -> None:
    settings.IVR_SIP_BELIEVES_PHONES_HERE = False
    settings.IVR_SIP_PEERS = ["127.0.0.0/8"]
    on_the_phone(leader.member.msisdn, keys("211"), asserts=True)
    assert lek_spent(leader) == [500]


def test_a_display_name_makes_nobody_somebody_else(
    leader: LeaderAssignment, settings, monkeypatch
) -> None:
    settings.IVR_SIP_BELIEVES_PHONES_HERE = False
    settings.IVR_SIP_PEERS = ["127.0.0.0/8"]
    member, asserted = leader.group.memberships.get(seat=2), "P-Asserted-Identity: "
    named = f'{asserted}"sip:{leader.member.msisdn}@x" '
    monkeypatch.setattr(
        Softphone,
        "_send",
        lambda phone, text: phone._sip.sendto(text.replace(asserted, named).encode(), phone.server),
    )
    phone = on_the_phone(member.msisdn, keys("211"), asserts=True)
    assert contains(phone, "your_number", number_digits=member.msisdn)
    assert lek_spent(leader) == []


def test_from_the_carrier_without_a_number_it_is_hidden(leader: LeaderAssignment, settings) -> None:
    settings.IVR_SIP_BELIEVES_PHONES_HERE = False
    settings.IVR_SIP_PEERS = ["127.0.0.0/8"]
    phone = on_the_phone(leader.member.msisdn, keys("", stay=True))
    assert contains(phone, "hidden")


def test_another_number_than_130_is_not_here(leader: LeaderAssignment) -> None:
    async def elsewhere(phone: Softphone) -> None:
        with pytest.raises(CallNotTaken, match="404"):
            await phone.dial("131")

    on_the_phone(leader.member.msisdn, elsewhere)


def test_ten_at_once_are_each_answered(leader: LeaderAssignment) -> None:
    families = [leader, *(family_with_leader()[1] for _ in range(9))]
    on_phones([(one.member.msisdn, keys("211"), {}) for one in families])
    assert [lek_spent(one) for one in families] == [[500]] * 10


@pytest.mark.full
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

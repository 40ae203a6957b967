"""FastAGI as the carrier's Asterisk speaks it: activation, hang-ups, slow lines, garbage."""

import asyncio
from pathlib import Path

import pytest

from klikon.ivr import carrying, fastagi
from klikon.ivr.answering import threads
from klikon.ivr.dialogue.turns import say
from klikon.ivr.facts import key_of_call
from klikon.ivr.fastagi import FastAgi
from klikon.ivr.models import PhoneCall
from klikon.ivr.voice import sounds
from klikon.models import Activation, LeaderAssignment
from tests.factories import family_with_leader
from tests.klikon.ivr.asterisk import SECRET, Asterisk
from tests.klikon.ivr.loop import run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def leader(settings, tmp_path: Path) -> LeaderAssignment:
    settings.IVR_SOUNDS_DIR = tmp_path
    settings.IVR_FASTAGI_SECRET = SECRET
    return family_with_leader()[1]


def called(leader: LeaderAssignment, **how) -> list[str]:
    return called_at_once(leader, [how])[0]


def called_at_once(leader: LeaderAssignment, calls: list[dict]) -> list[list[str]]:
    async def all_of_them() -> list[list[str]]:
        with threads() as pool:
            server = await FastAgi(pool).serve("127.0.0.1", 0)
            async with server:
                port = server.sockets[0].getsockname()[1]
                phones = [
                    Asterisk(port, **{"number": leader.member.msisdn, **how}) for how in calls
                ]
                heard = await asyncio.gather(*(phone.call() for phone in phones))
                await _all_written(len(calls), leader)
                return heard

    return run(all_of_them())


async def _all_written(count: int, leader: LeaderAssignment) -> None:
    """Wait until the server's tasks have ended, a moment after their callers are gone."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    if others:
        _written, unwritten = await asyncio.wait(others, timeout=60)
        assert unwritten == set()


def lek_spent(leader: LeaderAssignment) -> list[int]:
    own = Activation.objects.filter(contract=leader.group.contract).order_by("pk")
    return list(own.values_list("charged_lek", flat=True))


def test_an_activation(leader: LeaderAssignment) -> None:
    commands = called(leader, keys="211.2")
    assert lek_spent(leader) == [500]
    assert (commands[0], commands[-1]) == ("ANSWER", "HANGUP")


def test_the_price_is_played_without_a_key_that_stops_it(leader: LeaderAssignment) -> None:
    commands = called(leader, keys="21")
    assert sum(c.startswith("STREAM FILE") and c.endswith('""') for c in commands) >= 3


def test_what_is_played_is_there_for_asterisk(leader: LeaderAssignment) -> None:
    first = next(c for c in called(leader, keys="...") if c.startswith("STREAM FILE"))
    assert Path(first.split('"')[1] + ".wav").exists()


def test_every_call_is_in_the_register(leader: LeaderAssignment) -> None:
    called(leader, keys="211.2", call_id="register-1")
    row = PhoneCall.objects.filter(contract=leader.group.contract).get()
    assert (row.adapter, row.outcome, row.end, row.caller) == (
        "fastagi",
        "activated",
        "finished",
        leader.member.msisdn,
    )
    assert row.path[:3] == ["arriving", "members", "looking"]


@pytest.mark.parametrize("after", [2, 5, 9])
def test_a_hang_up_before_the_yes_changes_nothing(leader: LeaderAssignment, after: int) -> None:
    called(leader, keys="21", hangs_up_after=after, call_id=f"before-{after}")
    assert lek_spent(leader) == []


def test_a_hang_up_after_the_yes_leaves_it_done(leader: LeaderAssignment) -> None:
    before = called(leader, keys="21", call_id="no-yes")
    price = next(i for i, c in enumerate(before) if c.endswith('""'))
    # who, price, left, the question, then hang up
    called(leader, keys="211", hangs_up_after=price + 5)
    assert lek_spent(leader) == [500]


def test_a_hang_up_is_written_as_one(leader: LeaderAssignment) -> None:
    called(leader, keys="2", hangs_up_after=6)
    assert PhoneCall.objects.filter(contract=leader.group.contract).get().end == "hung_up"


def test_a_slow_line_is_waited_for(leader: LeaderAssignment) -> None:
    called(leader, keys="211", slow=0.02)
    assert lek_spent(leader) == [500]


def test_one_that_says_nothing_is_not_waited_for(leader: LeaderAssignment, monkeypatch) -> None:
    monkeypatch.setattr(fastagi, "_HELLO", 0.05)
    assert called(leader, keys="211", hello=b"agi_network: yes\n") == []


@pytest.mark.parametrize(
    "garbage",
    [
        b"\xff\xfe\x00 what\n",
        b"520-Invalid command syntax.\n",
        b"x" * 9000,
        b"200 result=-1\n",
        b"511 Command Not Permitted on a dead channel\n",
        b"HANGUP\n200 result=-1\n",
        b"\n\n\n",
        b"200 result=" + b"9" * 4000 + b"\n",
        "200 result=٤٩\n".encode(),
    ],
)
def test_garbage_ends_the_call_and_nothing_else(leader: LeaderAssignment, garbage: bytes) -> None:
    called(leader, keys="211", garbage=(4, garbage))
    assert lek_spent(leader) == []


@pytest.mark.parametrize("code", [65, 68, 128, 1114112, 999999999])
def test_a_key_that_no_telephone_has_is_nothing(leader: LeaderAssignment, code: int) -> None:
    called(leader, keys="211", garbage=(4, f"200 result={code}\n".encode()), call_id=f"key-{code}")
    assert lek_spent(leader) == [500]


@pytest.mark.parametrize(
    "hello",
    [b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", b"\xff\x00" * 4000, b"agi_a: 1\n" * 200, b"\n"],
)
def test_garbage_instead_of_a_call_is_told_nothing(leader: LeaderAssignment, hello: bytes) -> None:
    assert called(leader, keys="211", hello=hello) == []
    assert lek_spent(leader) == []


def test_after_garbage_the_next_call_is_answered(leader: LeaderAssignment) -> None:
    calls = [{"hello": b"\xff" * 9000}, {"keys": "211.2", "call_id": "after-garbage"}]
    assert called_at_once(leader, calls)[1][-1] == "HANGUP"
    assert lek_spent(leader) == [500]


def test_care_is_handed_to_the_dialplan(leader: LeaderAssignment) -> None:
    commands = called(leader, keys="0.", care=True)
    assert commands[-1] == "SET VARIABLE KLIKON_NEXT care"


def test_a_hidden_number_is_told_so(leader: LeaderAssignment) -> None:
    called(leader, keys="211", number="", call_id="hidden-1")
    row = PhoneCall.objects.get(call_id=key_of_call("hidden-1"))
    assert (row.caller, row.path, lek_spent(leader)) == ("", ["end"], [])


def test_a_wrong_secret_is_told_nothing(leader: LeaderAssignment) -> None:
    assert called(leader, keys="211", secret="another") == []


def test_another_network_is_told_nothing(leader: LeaderAssignment, settings) -> None:
    settings.IVR_FASTAGI_NETWORKS = ["10.0.0.0/8"]
    assert called(leader, keys="211") == []


def test_a_member_who_does_not_lead_is_told_and_that_is_all(leader: LeaderAssignment) -> None:
    member = leader.group.memberships.get(seat=2)
    commands = called(leader, keys="211", number=member.msisdn)
    assert (commands[-1], lek_spent(leader)) == ("HANGUP", [])


def test_a_call_that_has_become_too_long_is_told_so(leader: LeaderAssignment, monkeypatch) -> None:
    monkeypatch.setattr(carrying, "LONGEST", 0.0)
    commands = called(leader, keys="", call_id="too-long")
    [told], [bye] = (sounds.files(say(key), "sq") for key in ("too_long", "goodbye"))
    assert commands[-3:] == [
        f'STREAM FILE "{told.with_suffix("")}" ""',
        f'STREAM FILE "{bye.with_suffix("")}" ""',
        "HANGUP",
    ]
    row = PhoneCall.objects.get(call_id=key_of_call("too-long"))
    assert (row.end, row.left_at, row.path[-1]) == ("finished", "members", "end")


def test_a_call_without_an_id_is_told_sorry_and_hung_up(leader: LeaderAssignment, caplog) -> None:
    commands = called(leader, keys="211", call_id="")
    assert [command.split()[0] for command in commands] == ["ANSWER", "STREAM", "HANGUP"]
    assert lek_spent(leader) == []
    assert "fastagi: a call without a uniqueid was refused; look at the Asterisk" in caplog.messages


def test_twenty_at_once_are_each_answered(leader: LeaderAssignment) -> None:
    calls = [{"keys": "21" + "11", "call_id": f"many-{n}"} for n in range(20)]
    heard = called_at_once(leader, calls)
    assert all(commands[-1] == "HANGUP" for commands in heard)
    assert sum(lek_spent(leader)) <= 6500


@pytest.mark.parametrize(
    "asserted",
    [
        '"sip:{other}@x" <sip:{own}@carrier>',
        "%22sip%3A{other}%40x%22%20%3Csip%3A{own}%40carrier%3E",
        "%22%3Csip:{other}@x%3E%2C%20%22 %3CSIP:{own}@carrier%3E",
    ],
)
def test_a_display_name_makes_nobody_somebody_else(leader: LeaderAssignment, asserted: str) -> None:
    member = leader.group.memberships.get(seat=2)
    written = asserted.format(other=leader.member.msisdn, own=member.msisdn)
    called(leader, keys="211", number=written, call_id=written)
    row = PhoneCall.objects.get(call_id=key_of_call(written))
    assert (row.caller, lek_spent(leader)) == (member.msisdn, [])


def test_a_comma_that_was_not_encoded_hides_the_number(leader: LeaderAssignment) -> None:
    forged = f"<sip:{leader.member.msisdn}@x>,  <sip:+355690000009@carrier>"
    called(leader, keys="211", number=forged, call_id="comma")
    assert PhoneCall.objects.get(call_id=key_of_call("comma")).caller == ""

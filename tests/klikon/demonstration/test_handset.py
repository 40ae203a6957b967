"""The telephone on a page: the same call, key by key, without JavaScript."""

import io
import pickle
import wave
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from klikon.activation import refusals
from klikon.demonstration.phone import handset
from klikon.ivr.facts import CallFacts
from klikon.ivr.models import PhoneCall
from klikon.models import Activation, LeaderAssignment
from superfamilja.customers.sessions import FAMILY_COOKIE
from tests.factories import family_with_leader

pytestmark = pytest.mark.django_db


@pytest.fixture
def leader(settings, tmp_path: Path) -> LeaderAssignment:
    settings.IVR_SOUNDS_DIR = tmp_path
    return family_with_leader()[1]


def dialled(number: str) -> Client:
    client = Client()
    assert client.post("/demo/call/dial/", {"number": number}).status_code == 302
    return client


def pressed(client: Client, *keys: str) -> str:
    for key in keys:
        client.post("/demo/call/key/", {"key": key})
    return client.get("/demo/call/").content.decode()


def test_a_whole_activation(leader: LeaderAssignment) -> None:
    page = pressed(dialled(leader.member.msisdn), *"211")
    assert "U krye: Super 700 është aktive." in page
    assert "Done: Super 700 is active." in page
    assert Activation.objects.get().channel == "ivr"


def test_the_same_yes_sent_twice_buys_once(leader: LeaderAssignment) -> None:
    client = dialled(leader.member.msisdn)
    pressed(client, *"21")
    session = SessionStore(client.cookies[FAMILY_COOKIE].value)
    before = handset.of(session["handset"])
    assert before is not None
    pressed(client, "1")
    handset.keep(before)  # like a second click that was already on its way
    pressed(client, "1")
    assert Activation.objects.count() == 1


def test_ten_digits_are_collected_from_page_to_page(leader: LeaderAssignment) -> None:
    client = dialled(leader.member.msisdn)
    assert "067" in pressed(client, *"067")
    number = "0" + leader.member.msisdn.removeprefix("+355")
    assert "Numri është" in pressed(client, *number[3:])


def test_what_is_heard_is_a_sound(leader: LeaderAssignment) -> None:
    answer = dialled(leader.member.msisdn).get("/demo/call/sound/")
    with wave.open(io.BytesIO(answer.content)) as sound:
        assert sound.getframerate() == 8000
        assert sound.getnframes() > 8000


def test_hanging_up_is_in_the_register(leader: LeaderAssignment) -> None:
    pressed(dialled(leader.member.msisdn), "2", "hang_up")
    row = PhoneCall.objects.get()
    assert (row.adapter, row.end, row.left_at, row.contract) == (
        "handset",
        "hung_up",
        "packages",
        leader.group.contract,
    )


def test_a_page_that_was_left_in_mid_call_is_hung_up_by_the_next_look(
    leader: LeaderAssignment,
) -> None:
    pressed(dialled(leader.member.msisdn), "2")
    began = PhoneCall.objects.get().began_at
    handset.hang_up_what_was_left(began + timedelta(minutes=4))
    assert PhoneCall.objects.get().ended_at is None
    handset.hang_up_what_was_left(began + timedelta(minutes=6))
    row = PhoneCall.objects.get()
    assert (row.end, row.left_at, row.contract) == ("hung_up", "packages", leader.group.contract)


def test_a_call_that_is_kept_no_longer_is_hung_up_too(leader: LeaderAssignment) -> None:
    dialled(leader.member.msisdn)
    cache.clear()
    PhoneCall.objects.update(began_at=timezone.now() - timedelta(hours=1))
    Client().get("/demo/call/")
    assert PhoneCall.objects.get().end == "hung_up"


def test_a_call_that_began_before_an_upgrade_is_over(
    leader: LeaderAssignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = dialled(leader.member.msisdn)
    PhoneCall.objects.update(began_at=timezone.now() - timedelta(hours=1))
    monkeypatch.delattr(handset, "Heard130")  # its stored class name no longer exists
    assert client.get("/demo/call/").url == "/demo/"
    assert PhoneCall.objects.get().end == "hung_up"


def test_what_goes_wrong_is_in_the_log(leader: LeaderAssignment, monkeypatch, caplog) -> None:
    client = dialled(leader.member.msisdn)
    monkeypatch.setattr(CallFacts, "what_fits", lambda _self, _asked: 1 / 0)
    pressed(client, "2")
    assert "handset: no answer to WhatFits" in caplog.text
    assert PhoneCall.objects.get().end == "failed"


def test_silence_three_times_ends_it(leader: LeaderAssignment) -> None:
    page = pressed(dialled(leader.member.msisdn), "wait", "wait", "wait")
    assert "Telefonata mbaroi." in page


def test_no_number_is_in_an_address(leader: LeaderAssignment) -> None:
    answer = Client().post("/demo/call/dial/", {"number": leader.member.msisdn})
    assert answer.url == "/demo/call/"


def test_without_a_call_the_page_leads_back() -> None:
    assert Client().get("/demo/call/").url == "/demo/"


def test_in_production_there_is_no_such_telephone(settings) -> None:
    settings.MODE = "production"
    assert Client().get("/demo/call/").status_code == 404


def test_a_refusal_is_the_same_after_it_was_kept() -> None:
    refusal = pickle.loads(pickle.dumps(refusals.NotAKlikOnPackage(smallest_list_price_lek=700)))  # noqa: S301
    assert (refusal.code, refusal.details) == (
        "not_a_klik_on_package",
        {"smallest_list_price_lek": 700},
    )

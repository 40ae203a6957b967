"""The commands that answer: when they may not or cannot, they say why and are not started again."""

import socket

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from klikon.ivr import sounds, voices
from klikon.ivr.checks import only_the_carrier_says_who_calls
from tests.klikon.ivr.loop import in_a_thread


@pytest.fixture(autouse=True)
def _connections_as_before(monkeypatch) -> None:
    """What a process that answers decides about its connections is not for those who test it."""
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)


@pytest.mark.django_db(transaction=True)
def test_a_taken_port_is_said_and_is_no_reason_to_try_again(settings, monkeypatch) -> None:
    monkeypatch.setattr(sounds, "speak_ahead", lambda: None)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        settings.IVR_SIP_PORT = taken.getsockname()[1]
        with pytest.raises(CommandError, match="130 does not answer") as said:
            in_a_thread(lambda: call_command("answer_130", skip_checks=True))
    assert said.value.returncode == 3


def test_where_nobody_may_call_it_does_not_answer(settings) -> None:
    settings.IVR_SIP_BELIEVES_PHONES_HERE, settings.IVR_SIP_PEERS = False, []
    with pytest.raises(CommandError, match="IVR_SIP_PEERS") as said:
        call_command("answer_130", skip_checks=True)
    assert said.value.returncode == 3


@pytest.mark.django_db(transaction=True)
def test_without_a_voice_it_says_so_and_is_not_started_again(
    settings, tmp_path, monkeypatch
) -> None:
    settings.IVR_SOUNDS_DIR = tmp_path
    monkeypatch.setattr(voices, "_PROGRAM", tmp_path / "none.py")
    monkeypatch.setattr(voices, "_voice", voices._Voice())
    with pytest.raises(CommandError, match="130 has no voice") as said:
        in_a_thread(lambda: call_command("answer_130", skip_checks=True))
    assert said.value.returncode == 3


def test_fastagi_needs_a_secret(settings) -> None:
    settings.IVR_FASTAGI_SECRET = "short"
    with pytest.raises(CommandError, match="IVR_FASTAGI_SECRET"):
        call_command("answer_fastagi", skip_checks=True)


def test_production_believes_no_phone_about_its_number(settings) -> None:
    settings.MODE, settings.IVR_SIP_BELIEVES_PHONES_HERE = "production", True
    assert [error.id for error in only_the_carrier_says_who_calls()] == ["ivr.E001"]


def test_the_check_of_the_prompts_names_what_is_wrong_and_fails(monkeypatch, capsys) -> None:
    fault = "sq price: 12.4 s, at most 12 s"
    monkeypatch.setattr("klikon.management.commands.prompts.faults", lambda: [fault])
    with pytest.raises(CommandError, match="1 prompts are not as they should be"):
        call_command("prompts", "--check", skip_checks=True)
    assert fault in capsys.readouterr().out


def test_the_check_of_the_prompts_passes_where_nothing_is_wrong(monkeypatch, capsys) -> None:
    monkeypatch.setattr("klikon.management.commands.prompts.faults", list)
    call_command("prompts", "--check", skip_checks=True)
    assert "none is too long" in capsys.readouterr().out

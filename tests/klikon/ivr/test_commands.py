"""The commands that answer say why when they may not or cannot, and are not started again."""

import asyncio
import signal
import socket
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from klikon.ivr.checks import only_the_carrier_says_who_calls
from klikon.ivr.facts import key_of_call
from klikon.ivr.models import PhoneCall
from klikon.ivr.voice import sounds, voices
from klikon.management.commands import answer_fastagi
from tests.klikon.ivr.asterisk import SECRET, Asterisk
from tests.klikon.ivr.loop import in_a_thread, run
from tests.klikon.ivr.short_sounds import short_sound


@pytest.fixture(autouse=True)
def _connections_as_before(monkeypatch) -> None:
    """Restore CONN_MAX_AGE, which an answering process changes for itself."""
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


@pytest.mark.django_db(transaction=True)
def test_told_to_stop_fastagi_writes_the_end_of_every_call(settings, tmp_path, monkeypatch) -> None:
    settings.IVR_SOUNDS_DIR, settings.IVR_FASTAGI_SECRET = tmp_path, SECRET
    monkeypatch.setattr(voices, "speak", short_sound)
    told: dict[signal.Signals, Callable[[], None]] = {}  # a real signal needs the main thread
    monkeypatch.setattr(
        asyncio.SelectorEventLoop,
        "add_signal_handler",
        lambda _loop, sign, act: told.update({sign: act}),
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def stopped_in_the_middle() -> None:
        serving = asyncio.create_task(answer_fastagi._serve("127.0.0.1", port))
        reader, writer = await _connected(port)
        writer.write(Asterisk(port, call_id="stopped")._hello())
        assert await reader.readline() == b"ANSWER\n"
        writer.write(b"200 result=0\n")
        assert (await reader.readline()).startswith(b"STREAM FILE")  # the call goes on
        told[signal.SIGTERM]()
        assert await reader.read() == b""
        writer.close()
        await asyncio.wait_for(serving, 30)

    run(stopped_in_the_middle())
    row = PhoneCall.objects.get(call_id=key_of_call("stopped"))
    assert (row.end, row.ended_at is None) == ("failed", False)


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(30):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0)


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

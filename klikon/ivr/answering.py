"""Prepare everything before the first call, and carry calls; every way in uses it."""

from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection

from klikon.ivr.carrying import Carrier, PhoneLine
from klikon.ivr.facts import CallFacts
from klikon.ivr.models import Adapter
from klikon.ivr.register import Register
from klikon.ivr.voice import sounds
from klikon.ivr.voice.voices import VoiceMissing

NOT_NEEDED = 3  # superfamilja/launcher/background.py then does not start it again
_CONNECTED_FOR = 60  # seconds


def get_ready() -> None:
    """Prepare what the first caller should not wait for: the database and the common prompts.

    Raises CommandError when there is no voice.
    """
    # No pool. A pool waits half a minute for a missing server, and hands out dead connections after
    # a restart. A thread with its own connection notices, and finds the new server at once.
    connection.settings_dict["OPTIONS"].pop("pool", None)
    connection.settings_dict["CONN_MAX_AGE"] = _CONNECTED_FOR
    connection.ensure_connection()  # starts the embedded server
    connection.close()
    sounds.forget_old()
    try:
        sounds.speak_ahead()
    except VoiceMissing as missing:
        raise CommandError(
            f"130 has no voice: espeak-ng does not speak here ({missing}).", returncode=NOT_NEEDED
        ) from missing


def threads() -> ThreadPoolExecutor:
    """Return the threads that ask the house; each has one database connection, with limits."""
    return ThreadPoolExecutor(settings.IVR_THREADS, "ivr", _bound)


def _bound() -> None:
    """Limit only this thread's connection, because others may need more time."""
    bounds = (
        f"-c lock_timeout={settings.IVR_LOCK_MILLISECONDS}"
        f" -c statement_timeout={settings.IVR_STATEMENT_MILLISECONDS}"
    )
    ours = connection.settings_dict
    theirs = ours["OPTIONS"].get("options", "")
    connection.settings_dict = {
        **ours,
        "OPTIONS": {**ours["OPTIONS"], "options": f"{theirs} {bounds}".strip()},
    }


async def carry(
    line: PhoneLine,
    *,
    adapter: Adapter,
    call_id: str,
    number: str,
    care: bool,
    pool: ThreadPoolExecutor,
) -> None:
    """Carry one call from its first moment to its last."""
    facts = CallFacts(adapter=adapter, call_id=call_id)
    register = Register(adapter=adapter, call_id=call_id)
    await Carrier(line, facts, register, pool).carry(number, care=care)

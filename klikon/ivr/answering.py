"""What every way in shares: what is ready before the first call, and how a call is carried."""

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

NOT_NEEDED = 3  # superfamilja/launcher/background.py does not start it again then
_CONNECTED_FOR = 60  # seconds


def get_ready() -> None:
    """What the first caller should not wait for: the database, and what is said to everybody.

    Raises CommandError when there is no voice.
    """
    # A pool waits half a minute for a server that is gone, and hands out what is left of one that
    # was restarted. A thread that keeps its connection notices, and finds the new server at once.
    connection.settings_dict["OPTIONS"].pop("pool", None)
    connection.settings_dict["CONN_MAX_AGE"] = _CONNECTED_FOR
    connection.ensure_connection()  # the embedded server is up from here on
    connection.close()
    sounds.forget_old()
    try:
        sounds.speak_ahead()
    except VoiceMissing as missing:
        raise CommandError(
            f"130 has no voice: espeak-ng does not speak here ({missing}).", returncode=NOT_NEEDED
        ) from missing


def threads() -> ThreadPoolExecutor:
    """Where calls ask the house: each thread has one connection to the database, with bounds."""
    return ThreadPoolExecutor(settings.IVR_THREADS, "ivr", _bound)


def _bound() -> None:
    """For this thread's connection alone: what others ask of the same database may take longer."""
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
    """One call, from its first moment to its last."""
    facts = CallFacts(adapter=adapter, call_id=call_id)
    register = Register(adapter=adapter, call_id=call_id)
    await Carrier(line, facts, register, pool).carry(number, care=care)

"""Dial 130 as a Mobile Leader of the demonstration, and print what it hears and presses.

It knows the sounds of the voice and finds them on the line. It presses keys by what it heard, as a
person would.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings

from klikon.demonstration.phone.softphone import Softphone
from klikon.ivr.sip.line import frames_of
from klikon.ivr.voice import sounds

QUIET = 1.5  # seconds of silence, after which it presses
LONGEST = 12  # keys
PATIENCE = 5  # seconds: on the same machine 130 answers at once, or is not there
# Prompt → key to press: the first member, their first package, yes, once more, goodbye.
_KEYS = {
    "number_choice": "1",
    "package_choice": "1",
    "price_keys": "1",
    "again_keys": "1",
    "another": "2",
    "told_keys": "2",
}
Words = tuple[str, str, str]  # key, Albanian, English


async def call(number: str, write: Callable[[str], None]) -> None:
    """Make one whole call. Raise klikon.demonstration.phone.softphone.CallNotTaken."""
    server = (settings.IVR_SIP_HOST, settings.IVR_SIP_PORT)
    phone = Softphone(number, server, patience=PATIENCE)
    await phone.open()
    try:
        await phone.register()
        write("☎ 130")
        await phone.dial()
        for _turn in range(LONGEST):
            start = len(phone.frames)
            await phone.quiet(QUIET)
            heard = list(_recognised(b"".join(p for _at, p in phone.frames[start:]), phone.codec))
            for _key, albanian, english in heard:
                write(f"  « {albanian}\n    {english}")
            if phone.over.is_set():
                write("☎ —")
                return
            key = next((_KEYS[words[0]] for words in reversed(heard) if words[0] in _KEYS), "#")
            write(f"  » {key}")
            phone.press(key)
        phone.hang_up()
    finally:
        phone.close()


def _recognised(heard: bytes, codec: int) -> Iterator[Words]:
    """Return the prompts in the sound, in their order."""
    found = []
    for words in Path(settings.IVR_SOUNDS_DIR).glob("*/*.json"):
        sound = sounds.samples(words.with_suffix(".wav"))
        place = heard.find(b"".join(frames_of(sound, codec)))
        if place >= 0:
            key, albanian, english = json.loads(words.read_text())
            found.append((place, (key, albanian, english)))
    for _place, known in sorted(found):
        yield known

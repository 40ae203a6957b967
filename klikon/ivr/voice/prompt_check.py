"""Check every prompt in both languages: a sentence exists, can be spoken, and is short."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, override

from klikon.activation import refusals
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.ivr.dialogue.turns import Say, say_answer
from klikon.ivr.voice import sounds
from klikon.ivr.voice.prompts import PROMPTS
from klikon.leader import phone_pin
from superfamilja.values.months import TIRANE

LANGUAGES = ("sq", "en")
LONGEST = 12.0  # seconds of one sentence
_UNTIL = datetime(2026, 11, 28, 23, 59, tzinfo=TIRANE).isoformat()
# The longest values that refusals are filled with.
_DETAILS: dict[str, Any] = {
    "smallest_list_price_lek": 700,
    "shortest_validity_days": 28,
    "member": "Përparim Hysenbelliu",
    "package": "Super 2000",
    "since": _UNTIL,
    "until": _UNTIL[:10],
    "charged_lek": 1800,
    "told_lek": 1300,
    "room_lek": 1300,
    "limit_lek": 6500,
    "still_fits": [
        refusals.Offer(code=f"S{price}", name=f"Super {price}", charged_lek=price - 200)
        for price in (700, 1000, 1200, 1500)
    ],
    "left": 2,
}


def everything_said() -> Iterator[Say]:
    """Each prompt of the catalogue with its example, and each answer that a caller may hear."""
    for key, prompt in PROMPTS.items():
        yield Say(key, prompt.example)
    for refusal in refusals.BY_CODE.values():
        yield say_answer(refusal(**_DETAILS))
    yield say_answer(WaitingForTheFixedLeader(**_DETAILS | {"until": _UNTIL}))
    yield say_answer(phone_pin.WrongPin(**_DETAILS))
    yield say_answer(phone_pin.NoPin())


def faults() -> Iterator[str]:
    """Return what is missing or too long, one line each."""
    if settings.IVR_RECORDED_DIR:
        yield from _unfit_files()
    for language in LANGUAGES:
        for said in everything_said():
            yield from _faults(said, language)


def _faults(said: Say, language: str) -> Iterator[str]:
    prompt = PROMPTS.get(said.key)
    if prompt and not prompt.language and language == "sq":
        with override("sq"):
            if gettext(prompt.sentence) == prompt.sentence:
                yield f"{language} {said.key}: no sentence in Albanian"
    for path in sounds.files(said, language):
        length = sounds.seconds(path)
        if length > LONGEST:
            yield f"{language} {said.key}: {length:.1f} s, at most {LONGEST:.0f} s"
        if length < 0.2:
            yield f"{language} {said.key}: nothing to be heard"


def _unfit_files() -> Iterator[str]:
    for language in LANGUAGES:
        for path in sorted(sounds.recorded("", language).parent.glob("*.wav")):
            if not sounds.is_fit(path):
                yield f"{language} {path.name}: not a WAV of 8000 Hz, 16 bits, one channel"

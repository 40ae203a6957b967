"""The voices of espeak-ng, Albanian and English: words in, sound of 8000 samples a second out.

The library keeps one state for the whole process, so one sentence is spoken at a time; it takes
some ten milliseconds.
"""

import ctypes
from array import array
from collections.abc import Callable
from functools import cache
from itertools import accumulate, pairwise
from threading import Lock
from typing import Any

import espeakng_loader

RATE = 8000
PACE = {"sq": 180, "en": 180}  # words a minute
_RETRIEVAL = 1
_NO_EXIT = 0x8000
_UTF8 = 1
_PARAMETER_RATE = 1
_one_at_a_time = Lock()
_kept_alive: list[Any] = []  # ctypes forgets what C still points to
_Taker = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class VoiceMissing(Exception):  # noqa: N818 - a state of the machine
    """espeak-ng or one of its voices does not work here."""


def speak(text: str, language: str) -> "array[int]":
    """Signed samples of 16 bits, 8000 a second. Raises VoiceMissing."""
    with _one_at_a_time:
        library, rate, spoken = _library()
        del spoken[:]
        if library.espeak_SetVoiceByName(language.encode()):
            raise VoiceMissing(language)
        library.espeak_SetParameter(_PARAMETER_RATE, PACE[language], 0)
        words = text.encode()
        if library.espeak_Synth(words, len(words) + 1, 0, 0, 0, _UTF8, None, None):
            raise VoiceMissing(language)
        library.espeak_Synchronize()
        samples = array("h", bytes(spoken))
    return _at_telephone_rate(samples, rate)


@cache
def _library() -> tuple[Any, int, bytearray]:
    """The library, its rate, and where it puts what it speaks."""
    try:
        library = ctypes.CDLL(espeakng_loader.get_library_path())
    except OSError as error:
        raise VoiceMissing(str(error)) from error
    data = espeakng_loader.get_data_path().encode()
    rate = library.espeak_Initialize(_RETRIEVAL, 0, data, _NO_EXIT)
    if rate <= 0:
        raise VoiceMissing("espeak-ng finds none of its data")
    spoken = bytearray()
    taker = _Taker(_taking_into(spoken))
    library.espeak_SetSynthCallback(taker)
    _kept_alive.append(taker)
    return library, rate, spoken


def _taking_into(spoken: bytearray) -> Callable[[int | None, int, int | None], int]:
    def take(wave: int | None, count: int, _events: int | None) -> int:
        if wave and count > 0:
            spoken.extend(ctypes.string_at(wave, 2 * count))
        return 0

    return take


def _at_telephone_rate(samples: "array[int]", rate: int) -> "array[int]":
    """Each new sample is the mean of the stretch that it stands for: soft on what a telephone
    cannot carry."""
    sums = [0, *accumulate(samples)]
    count = len(samples) * RATE // rate
    edges = [i * rate // RATE for i in range(count + 1)]
    return array("h", [
        (sums[end] - sums[begin]) // (end - begin)
        for begin, end in pairwise(edges)
    ])  # fmt: skip

"""A program of its own that speaks: a line of words in, a sound out, until its input ends.

    sq 180 Mirë se vini.      language, words a minute, words (one line, UTF-8)

is answered with a number of bytes (4, in the machine's order) and as many of signed samples of 16
bits, as many a second as its argument says; 0 bytes: it cannot say that. espeak-ng is GPL-3.0 and
is loaded here and nowhere else (docs/adr/0018): klikon/ivr/voice/voices.py starts this by its
path, and it imports nothing of ours.
"""

import ctypes
import sys
from array import array
from collections.abc import Callable
from itertools import accumulate, pairwise
from typing import Any

import espeakng_loader

_RETRIEVAL = 1
_NO_EXIT = 0x8000
_UTF8 = 1
_PARAMETER_RATE = 1
_Taker = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class Speaker:
    """The library, which keeps one state for its process."""

    def __init__(self, rate: int) -> None:
        self._wanted = rate
        self._library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self._rate: int = self._library.espeak_Initialize(_RETRIEVAL, 0, data, _NO_EXIT)
        if self._rate <= 0:
            raise SystemExit("espeak-ng finds none of its data")
        self._spoken = bytearray()
        # otherwise Python would free the callback that C still uses
        self._taker = _Taker(_taking_into(self._spoken))
        self._library.espeak_SetSynthCallback(self._taker)

    def speak(self, language: str, pace: int, words: str) -> "array[int]":
        """Return the sound; none when there is no such voice."""
        del self._spoken[:]
        text = words.encode()
        if self._library.espeak_SetVoiceByName(language.encode()):
            return array("h")
        self._library.espeak_SetParameter(_PARAMETER_RATE, pace, 0)
        if self._library.espeak_Synth(text, len(text) + 1, 0, 0, 0, _UTF8, None, None):
            return array("h")
        self._library.espeak_Synchronize()
        return _slower(array("h", bytes(self._spoken)), self._rate, self._wanted)


def _taking_into(spoken: bytearray) -> Callable[[int | None, int, int | None], int]:
    def take(wave: int | None, count: int, _events: int | None) -> int:
        if wave and count > 0:
            spoken.extend(ctypes.string_at(wave, 2 * count))
        return 0

    return take


def _slower(samples: "array[int]", rate: int, wanted: int) -> "array[int]":
    """Reduce the rate: each new sample is the mean of its stretch.

    That softens what a telephone cannot carry.
    """
    sums = [0, *accumulate(samples)]
    count = len(samples) * wanted // rate
    edges = [i * rate // wanted for i in range(count + 1)]
    return array(
        "h", [(sums[end] - sums[begin]) // (end - begin) for begin, end in pairwise(edges)]
    )


def main() -> None:
    speaker, out = Speaker(rate=int(sys.argv[1])), sys.stdout.buffer
    for line in sys.stdin.buffer:
        language, pace, words = line.decode().rstrip("\n").split(" ", 2)
        sound = speaker.speak(language, int(pace), words).tobytes()
        out.write(len(sound).to_bytes(4, sys.byteorder) + sound)
        out.flush()


if __name__ == "__main__":
    main()

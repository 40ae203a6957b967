"""The voices, Albanian and English: words in, sound of 8000 samples a second out.

They speak in a process of their own (speaker.py). Each of our processes that has to say something
new starts one with its first sentence, and it ends with ours. So the library's licence stays its
own, its work does not disturb the clock of the calls, and its crash ends no call.
"""

import subprocess
import sys
from array import array
from contextlib import suppress
from pathlib import Path
from threading import Lock, Timer
from typing import IO

RATE = 8000
PACE = {"sq": 180, "en": 180}  # words a minute
_PROGRAM = Path(__file__).with_name("speaker.py")
_AT_MOST = 10.0  # seconds for a sentence


class VoiceMissing(Exception):  # noqa: N818 - a state of the machine
    """espeak-ng or one of its voices does not work here."""


class _Voice:
    """The speaking process, one sentence at a time; it is replaced when it has ended."""

    def __init__(self) -> None:
        self._one_at_a_time = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def speak(self, line: bytes) -> bytes:
        """Speak. Raise OSError or EOFError when it does not answer twice."""
        with self._one_at_a_time:
            try:
                return self._ask(line)
            except (OSError, EOFError):
                self._end()  # it had ended, or ended on this sentence: start a new one, once
                return self._ask(line)

    def _ask(self, line: bytes) -> bytes:
        process = self._process = self._process or subprocess.Popen(
            [sys.executable, "-I", str(_PROGRAM), str(RATE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for us only; it ends with its input
        )
        if process.stdin is None or process.stdout is None:
            raise BrokenPipeError
        too_long = Timer(_AT_MOST, process.kill)
        too_long.start()
        try:
            process.stdin.write(line)
            process.stdin.flush()
            size = int.from_bytes(_exactly(4, process.stdout), sys.byteorder)
            return _exactly(size, process.stdout)
        finally:
            too_long.cancel()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            with suppress(OSError):
                self._process.communicate()
            self._process = None


def _exactly(size: int, source: IO[bytes]) -> bytes:
    found = source.read(size)
    if len(found) < size:
        raise EOFError
    return found


_voice = _Voice()


def speak(text: str, language: str) -> "array[int]":
    """Return signed samples of 16 bits, 8000 a second. Raise VoiceMissing."""
    words = " ".join(text.split())
    try:
        sound = _voice.speak(f"{language} {PACE[language]} {words}\n".encode())
    except (OSError, EOFError) as error:
        raise VoiceMissing(str(error)) from error
    if not sound:
        raise VoiceMissing(language)
    return array("h", sound)

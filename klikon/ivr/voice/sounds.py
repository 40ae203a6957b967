"""Turn a prompt into sound files: recordings where they exist, otherwise speech, made once.

Every file is a WAV of 8000 samples a second, 16 bits, one channel.
`IVR_RECORDED_DIR/sq/goodbye.wav` replaces the prompt with that key. A prompt with values is
replaced piece by piece: `price.1.wav` comes before its first value, `price.2.wav` after it, and so
on. The voice still speaks the values. Either all pieces exist, or none is used.
"""

import asyncio
import hashlib
import json
import re
import time
import wave
from array import array
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.utils.translation import gettext, override

from klikon.ivr.dialogue.turns import Say
from klikon.ivr.voice import voices
from klikon.ivr.voice.prompts import PROMPTS
from klikon.ivr.voice.speech import Sentence, sentences, spoken

_VALUE = re.compile(r"%\((\w+)\)s")
_KEPT_DAYS = 7
_making = Lock()
_speaking = ThreadPoolExecutor(1, thread_name_prefix="ivr-voice")


def files(said: Say, language: str) -> list[Path]:
    """Return what is played for this prompt, in order.

    Raise klikon.ivr.voice.voices.VoiceMissing.
    """
    found = [
        _kept(part.text, part.language) if isinstance(part, Sentence) else part
        for part in _parts(said, language)
    ]
    if settings.DEMONSTRATION:
        _note_words(found, said)
    return found


async def ready(said: Say, language: str) -> list[Path]:
    """Return `files` without blocking: speaking for one call delays no call with finished files."""
    if await asyncio.to_thread(_is_on_file, said, language):
        return await asyncio.to_thread(files, said, language)
    return await asyncio.get_running_loop().run_in_executor(_speaking, files, said, language)


def speak_ahead() -> None:
    """Speak everything without names and amounts before the first call, and load both languages.

    Raise klikon.ivr.voice.voices.VoiceMissing.
    """
    for key, prompt in PROMPTS.items():
        if not prompt.example:
            for language in voices.PACE:
                files(Say(key), language)


def samples(path: Path) -> "array[int]":
    """Return the samples of such a file."""
    with wave.open(str(path)) as file:
        return array("h", file.readframes(file.getnframes()))


def seconds(path: Path) -> float:
    with wave.open(str(path)) as file:
        return float(file.getnframes() / file.getframerate())


def is_fit(path: Path) -> bool:
    """Return whether a recorded file is what a telephone line takes."""
    try:
        with wave.open(str(path)) as file:
            shape = (file.getframerate(), file.getsampwidth(), file.getnchannels())
    except (wave.Error, EOFError, OSError):
        return False
    return shape == (voices.RATE, 2, 1)


def forget_old() -> int:
    """Remove spoken files a week after their last use, because they hold names and amounts."""
    old = [
        path
        for path in settings.IVR_SOUNDS_DIR.glob("*/*.wav")
        if path.stat().st_mtime < time.time() - _KEPT_DAYS * 86400
    ]
    for path in old:
        path.unlink(missing_ok=True)
        words_beside(path).unlink(missing_ok=True)
    return len(old)


def recorded(key: str, language: str) -> Path:
    """Return where a recorded file of that key is expected."""
    return Path(settings.IVR_RECORDED_DIR) / language / f"{key}.wav"


def words_beside(path: Path) -> Path:
    """Return where a demonstration notes what a sound says, in both languages."""
    return path.with_suffix(".json")


def _note_words(found: list[Path], said: Say) -> None:
    for number, path in enumerate(found):
        beside = words_beside(path)
        if path.is_relative_to(settings.IVR_SOUNDS_DIR) and not beside.exists():
            texts = [sentences(said, language) for language in ("sq", "en")]
            both = [(t[number] if number < len(t) else t[-1]).text for t in texts]
            beside.write_text(json.dumps([said.key, *both], ensure_ascii=False))


def _parts(said: Say, language: str) -> list[Sentence | Path]:
    spoken_ones = sentences(said, language)
    first = spoken_ones[0]
    if not settings.IVR_RECORDED_DIR:
        return list(spoken_ones)
    if said.answer is None and said.values:
        return _pieces(said, first.language) or list(spoken_ones)
    whole = recorded(said.key, first.language)
    changes = said.answer is not None and said.answer.details
    return [whole] if is_fit(whole) and not changes else list(spoken_ones)


def _pieces(said: Say, language: str) -> list[Sentence | Path]:
    """Return the recorded pieces with the values between them; empty when one is missing."""
    with override(language):
        # Piece, name of a value, piece, name of a value, piece.
        parts = _VALUE.split(gettext(PROMPTS[said.key].sentence))
    pieces: list[Sentence | Path] = []
    for place, part in enumerate(parts):
        if place % 2:
            pieces.append(Sentence(said.key, language, spoken(part, said.values[part], language)))
        elif part.strip(" .,:"):
            file = recorded(f"{said.key}.{place // 2 + 1}", language)
            if not is_fit(file):
                return []
            pieces.append(file)
    return pieces


def _is_on_file(said: Say, language: str) -> bool:
    spoken_ones = [part for part in _parts(said, language) if isinstance(part, Sentence)]
    return all(_place(part.text, part.language).exists() for part in spoken_ones)


def _place(text: str, language: str) -> Path:
    name = hashlib.sha256(f"{voices.PACE[language]} {text}".encode()).hexdigest()[:40]
    place: Path = settings.IVR_SOUNDS_DIR / language / f"{name}.wav"
    return place


def _kept(text: str, language: str) -> Path:
    """Return the spoken sentence; it is made once, however many calls want it now."""
    path = _place(text, language)
    if not path.exists():
        with _making:
            if not path.exists():
                _make(path, text, language)
    path.touch()
    return path


def _make(path: Path, text: str, language: str) -> None:
    """Make the file whole or not at all, because another process may look for it meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    sound = voices.speak(text, language)
    draft = path.with_suffix(f".{time.monotonic_ns()}.part")
    with draft.open("wb") as target, wave.open(target, "wb") as file:
        file.setparams((1, 2, voices.RATE, 0, "NONE", "not compressed"))
        file.writeframes(sound.tobytes())
    draft.replace(path)

"""What is spoken, how long it takes, and that a recorded file replaces it."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from klikon.activation import refusals
from klikon.ivr.dialogue.turns import say, say_no
from klikon.ivr.voice import sounds, voices
from klikon.ivr.voice.prompt_check import faults
from klikon.ivr.voice.speech import digit_by_digit, sentences, spoken
from tests.klikon.ivr.calling import Phoned
from tests.klikon.ivr.house import House


@pytest.fixture(autouse=True)
def _kept_here(settings, tmp_path_factory) -> None:
    settings.IVR_SOUNDS_DIR = tmp_path_factory.getbasetemp() / "sounds"
    settings.IVR_RECORDED_DIR = ""


@pytest.fixture
def recorded(settings, tmp_path: Path) -> Path:
    settings.IVR_RECORDED_DIR = str(tmp_path)
    (tmp_path / "sq").mkdir()
    return tmp_path / "sq"


def record(*targets: Path) -> None:
    for target in targets:
        shutil.copy(sounds.files(say("welcome"), "sq")[0], target)


@pytest.mark.full
def test_every_prompt_is_there_and_none_is_too_long() -> None:
    assert list(faults()) == []


@pytest.mark.parametrize("language", ["sq", "en"])
def test_the_usual_activation_takes_less_than_a_minute_without_interrupting(language: str) -> None:
    call = Phoned(House(fourth=True, language=language)).press("311")
    assert (len(call.turn.wants.choices), call.heard[-1]) == (2, "another")
    assert call.heard.count("member_choice") == 4
    total = sum(sounds.seconds(path) for said in call.said for path in sounds.files(said, language))
    assert total < 59  # and three keys


def test_a_number_is_spoken_digit_by_digit() -> None:
    assert digit_by_digit("+355671234567", "sq") == (
        "zero gjashtë shtatë, një dy tre, katër pesë gjashtë shtatë"
    )


def test_an_amount_has_no_point_and_is_never_bare() -> None:
    assert (spoken("room_lek", 6500, "sq"), spoken("room_lek", 6500, "en")) == (
        "6500 Lekë",
        "6500 Lek",
    )


def test_a_day_is_spoken_with_its_month() -> None:
    assert spoken("until_day", date(2026, 12, 3), "sq") == "3 dhjetor"


def test_a_reference_is_spoken_letter_by_letter() -> None:
    assert spoken("reference_code", "KN-7QX-4PW-R2AR", "sq") == "7 Q X, 4 P W, R 2 A R"


def test_a_refusal_is_spoken_sentence_by_sentence_in_the_words_of_every_channel() -> None:
    refusal = refusals.OverTheCap(
        charged_lek=1800,
        room_lek=500,
        limit_lek=6500,
        still_fits=[{"code": "S700", "name": "Super 700", "charged_lek": 500}],
    )
    assert [sentence.text for sentence in sentences(say_no(refusal), "en")] == [
        "This needs 1800 Lek, but only 500 Lek of 6500 Lek are left this month.",
        "Still possible: Super 700 (500 Lek).",
    ]


def test_the_voice_is_loaded_into_no_process_of_ours() -> None:
    assert len(voices.speak("Mirë se vini.", "sq")) > 4000
    assert "espeak" not in Path("/proc/self/maps").read_text()


def test_a_voice_that_was_killed_speaks_again() -> None:
    voices.speak("Mirë se vini.", "sq")
    voices._voice._process.kill()
    assert len(voices.speak("Mirë se vini.", "sq")) > 4000


def test_a_voice_that_does_not_exist_is_said_to_be_missing(monkeypatch) -> None:
    monkeypatch.setitem(voices.PACE, "xx", 180)
    with pytest.raises(voices.VoiceMissing, match="xx"):
        voices.speak("hello", "xx")


def test_what_was_spoken_once_is_kept() -> None:
    [first] = sounds.files(say("goodbye"), "sq")
    made = first.stat().st_ino
    assert sounds.files(say("goodbye"), "sq")[0].stat().st_ino == made


def test_a_recorded_file_takes_the_place_of_its_prompt(recorded: Path) -> None:
    record(recorded / "goodbye.wav")
    assert sounds.files(say("goodbye"), "sq") == [recorded / "goodbye.wav"]


def test_a_sentence_with_a_value_is_recorded_in_pieces(recorded: Path) -> None:
    record(recorded / "number_back.1.wav")
    files = sounds.files(say("number_back", number_digits="+355671234567"), "sq")
    assert (files[0], len(files)) == (recorded / "number_back.1.wav", 2)


def test_while_one_piece_is_missing_the_voice_speaks_all_of_it(recorded: Path) -> None:
    record(recorded / "price.1.wav")
    assert len(sounds.files(say("price", list_lek=700, charged_lek=500), "sq")) == 1


def test_a_recorded_file_of_the_wrong_kind_is_named(recorded: Path) -> None:
    (recorded / "goodbye.wav").write_bytes(b"an MP3, really")
    assert next(faults()) == "sq goodbye.wav: not a WAV of 8000 Hz, 16 bits, one channel"

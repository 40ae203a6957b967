"""`manage.py prompts`: list what 130 says, for the recording studio and for the check."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from klikon.ivr.voice import sounds
from klikon.ivr.voice.prompt_check import LANGUAGES, everything_said, faults
from klikon.ivr.voice.speech import sentences
from klikon.ivr.voice.voices import VoiceMissing


class Command(BaseCommand):
    help = "List what 130 says, with where it is recorded; --check says what is missing or too long"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only what is wrong")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["check"]:
                self._check()
            else:
                self._list()
        except VoiceMissing as missing:
            raise CommandError(f"espeak-ng does not speak here: {missing}") from missing

    def _check(self) -> None:
        found = list(faults())
        for fault in found:
            self.stdout.write(fault)
        if found:
            raise CommandError(f"{len(found)} prompts are not as they should be.")
        self.stdout.write("Every prompt has its sentence, and none is too long.")

    def _list(self) -> None:
        for language in LANGUAGES:
            for said in everything_said():
                text = " ".join(sentence.text for sentence in sentences(said, language))
                length = sum(sounds.seconds(path) for path in sounds.files(said, language))
                own = settings.IVR_RECORDED_DIR and sounds.recorded(said.key, language).exists()
                mark = "recorded" if own else "voice"
                self.stdout.write(f"{language} {said.key} [{length:.1f} s, {mark}] {text}")

"""Make a Mobile Leader, a SIP line of this worker's own, and short prompts."""

import os
from pathlib import Path

import pytest
from pytest_django import Settings

from klikon.ivr.voice import voices
from klikon.models import LeaderAssignment
from tests.factories import family_with_leader
from tests.klikon.ivr.short_sounds import short_sound


@pytest.fixture
def leader(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LeaderAssignment:
    settings.IVR_SOUNDS_DIR = tmp_path
    settings.IVR_SIP_BELIEVES_PHONES_HERE = True
    first = 42000 + 400 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    settings.IVR_SIP_RTP_PORTS = [first, first + 400]
    monkeypatch.setattr(voices, "speak", short_sound)
    return family_with_leader()[1]

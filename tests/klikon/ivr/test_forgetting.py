"""The worker removes spoken sounds every night, and not only when 130 starts."""

import os
import time
from pathlib import Path

from django.apps import apps
from procrastinate.contrib.django import app
from pytest_django import Settings

from klikon.ivr.tasks import forget_old_sounds

DAY = 86400


def test_the_task_removes_what_was_not_used_for_a_week(settings: Settings, tmp_path: Path) -> None:
    settings.IVR_SOUNDS_DIR = tmp_path
    (tmp_path / "sq").mkdir()
    for name, days in (("old", 8), ("new", 6)):
        for suffix in ("wav", "json"):
            path = tmp_path / "sq" / f"{name}.{suffix}"
            path.touch()
            os.utime(path, (time.time() - days * DAY,) * 2)
    forget_old_sounds(timestamp=0)
    assert sorted(path.name for path in tmp_path.glob("*/*")) == ["new.json", "new.wav"]


def test_the_worker_finds_it_and_does_it_every_day() -> None:
    """The worker imports the tasks of every app, and 130 is one."""
    assert apps.is_installed(forget_old_sounds.func.__module__.removesuffix(".tasks"))
    periodic = app.periodic_registry.periodic_tasks
    [own] = [each for each in periodic.values() if each.task.name == "klikon.ivr.forget_old_sounds"]
    assert (own.cron, own.task.queue) == ("29 3 * * *", "housekeeping")

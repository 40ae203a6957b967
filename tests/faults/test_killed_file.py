"""kill -9 of the worker while it looks at a file, loads it, and right after: the next one goes on
and ends where an undisturbed one ends."""

import os
import signal
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django import Settings

from groups.base_import import conflicts, merge
from groups.base_import import run as base_run
from groups.incoming import carrying, deciding, keeping, receiving
from groups.incoming.models import FileKind, IncomingFile
from groups.models import BaseImport, Contract, Membership
from superfamilja.audit.models import Act
from tests.billing.closing import reviewer
from tests.faults.processes import elsewhere, ours
from tests.groups.incoming.conftest import HEAD

pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True)]
CONTRACTS = 30
_files = count(1)


@pytest.fixture
def file(tmp_path: Path, settings: Settings) -> IncomingFile:
    """A file of thirty families of this test alone, received and not looked at."""
    settings.INCOMING_DIR = tmp_path
    n = next(_files)
    rows = [
        f"K{n}X{k:02d},0425{n}88{k:02d},active,J1000{n}{k:02d}0A,Drita Dardha,0695{n}{k:05d},,"
        f"Rruga 1,,2024-01-10,,0675{n}{k:05d},Elira,standard_prepaid,2024-01-10,"
        for k in range(CONTRACTS)
    ]
    text = "\n".join([HEAD, *rows, f"#rows={CONTRACTS}", ""])
    kept = keeping.keep([text.encode()])
    return receiving.receive_file(
        kept=kept, name=f"k{n}.csv", kind=FileKind.SUBSCRIBERS, at=timezone.now()
    )


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def merge_two_and_die(batch: int, *said: Any) -> dict[str, int]:
    """Two batches are written and committed; in the third the worker dies."""
    done = BaseImport.objects.latest("pk").batches_done
    return _MERGE(batch, *said) if done < 2 else die()  # type: ignore[return-value, func-returns-value]


_MERGE = merge.merge
POINTS = {
    "looking": (conflicts, "judge", die),
    "loading": (merge, "merge", merge_two_and_die),
    "loaded": (carrying, "_move", die),
}


def carry_out_struck(folder: str, point: str) -> None:
    settings.INCOMING_DIR = Path(folder)
    module, name, act = POINTS[point]
    with mock.patch.object(module, name, act), small_batches():
        carrying.carry_out_next(timezone.now())


def small_batches() -> Any:
    return mock.patch.object(base_run._Run, "_batches", return_value=5)


def kill(point: str) -> None:
    ended = elsewhere(partial(carry_out_struck, str(settings.INCOMING_DIR), point), ours())
    assert ended.exitcode == -signal.SIGKILL


def carried_out(file: IncomingFile) -> IncomingFile:
    with small_batches():
        assert carrying.carry_out_next(timezone.now())
    file.refresh_from_db()
    return file


def confirmed(file: IncomingFile) -> None:
    assert file.previewed_at
    deciding.confirm_file(
        file=file, seen=file.previewed_at, at=timezone.now(), actor=reviewer(), reason="kill"
    )


def brought(file: IncomingFile) -> tuple[int, int, int]:
    """Contracts and members there, and how often the trail says that it was loaded."""
    prefix = f"K{file.name[1:-4]}X"
    acts = Act.objects.filter(verb="import_base", details__file_sha256=file.sha256)
    members = Membership.objects.filter(group__contract__number__startswith=prefix)
    contracts = Contract.objects.filter(number__startswith=prefix)
    return contracts.count(), members.count(), acts.count()


def test_killed_while_it_looks_the_next_worker_looks_anew(file: IncomingFile) -> None:
    kill("looking")
    file.refresh_from_db()
    assert (file.state, brought(file)) == ("received", (0, 0, 0))
    assert carried_out(file).state == "previewed"
    assert (file.figures["new"], file.previewed_rows.filter(kind="new").count()) == (30, 30)


def test_killed_in_the_middle_of_the_load_the_next_worker_goes_on(file: IncomingFile) -> None:
    confirmed(carried_out(file))
    kill("loading")
    file.refresh_from_db()
    some = brought(file)[0]
    assert (file.state, 0 < some < CONTRACTS) == ("ready", True)
    assert carried_out(file).state == "loaded"
    assert brought(file) == (30, 30, 1)
    assert file.figures["contracts_new"] == 30


def test_killed_right_after_the_load_nothing_is_loaded_twice(file: IncomingFile) -> None:
    confirmed(carried_out(file))
    kill("loaded")
    file.refresh_from_db()
    assert (file.state, brought(file)) == ("ready", (30, 30, 1))
    assert carried_out(file).state == "loaded"
    assert brought(file) == (30, 30, 1)

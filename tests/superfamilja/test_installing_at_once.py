"""Two commands of a fresh clone begin together: one installs, the other waits and finds it done."""

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKING, INSTALLING = "Making .venv", "Installing requirements-dev.txt"
WAITING = "Waiting: another command of this directory installs into .venv"

LOCKED = """
from superfamilja.launcher import environment
environment.install(environment.DEVELOP)
"""
# Neither goes on before both have seen that there is no .venv; nothing is made then.
UNLOCKED = """
import os, sys, time
from contextlib import nullcontext
from pathlib import Path
from superfamilja.launcher import environment, say

def there_is_none():
    Path(f"met-{os.getpid()}").touch()
    while len(list(Path().glob("met-*"))) < 2:
        time.sleep(0.01)
    return False

environment._only_one = nullcontext
environment._venv_works = there_is_none
environment._make_venv = lambda: say.step("Making .venv")
environment._is_installed = lambda requirements: True
environment.install(environment.DEVELOP)
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A fresh clone that needs no package, so that nothing is fetched."""
    shutil.copytree(ROOT / "superfamilja" / "launcher", tmp_path / "superfamilja" / "launcher")
    shutil.copy(ROOT / "superfamilja" / "__init__.py", tmp_path / "superfamilja")
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("# nothing\n")
    (tmp_path / "var").mkdir()
    return tmp_path


def begin(clone: Path, program: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=clone,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.mark.full
def test_the_second_waits_with_a_word_and_finds_it_done(clone: Path) -> None:
    with (clone / "var" / "installing.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        both = [begin(clone, LOCKED) for _ in range(2)]
        assert [WAITING in (one.stdout.readline() if one.stdout else "") for one in both] == [
            True
        ] * 2
    said = "".join(one.communicate(timeout=300)[0] for one in both)
    assert [one.returncode for one in both] == [0, 0], said
    assert (said.count(MAKING), said.count(INSTALLING)) == (1, 1)
    assert (clone / ".venv" / ".installed-requirements-dev.txt").exists()
    assert not (clone / "var" / "installing").exists()


def test_control_without_the_lock_both_make_it(clone: Path) -> None:
    both = [begin(clone, UNLOCKED) for _ in range(2)]
    said = "".join(one.communicate(timeout=60)[0] for one in both)
    assert said.count(MAKING) == 2, said

"""Make the project's `.venv` and `.env`, and renew them when their source changes."""

import fcntl
import hashlib
import os
import secrets
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from superfamilja.launcher import say
from superfamilja.launcher.processes import ROOT, VENV_PYTHON, run_read

VENV = ROOT / ".venv"
RUN = "requirements.txt"
DEVELOP = "requirements-dev.txt"
# Exists while pip works. When the next start finds it, pip was killed half-way.
_UNFINISHED = ROOT / "var" / "installing"
# Held while one installs. The kernel lets go of it however they end.
_LOCK = ROOT / "var" / "installing.lock"


def treat_hang_up_and_term_as_ctrl_c() -> None:
    """Let a closed terminal and a plain `kill` stop everything as tidily as Ctrl-C does."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, interrupt)


def install(requirements: str) -> None:
    """Have everything of that file in `.venv`; does nothing when nothing changed.

    A `make run` and a `make test` that begin together install one after the other.
    """
    with _only_one():
        _install(requirements)


@contextmanager
def _only_one() -> Iterator[None]:
    _LOCK.parent.mkdir(exist_ok=True)
    with _LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say.step("Waiting: another command of this directory installs into .venv")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(requirements: str) -> None:
    if _UNFINISHED.exists() or not _venv_works():
        _UNFINISHED.touch()
        _make_venv()
    if _is_installed(requirements):
        return
    _UNFINISHED.touch()
    _pip_install(requirements)
    for name in {RUN, requirements}:
        _stamp(name).write_text(_fingerprint(name))
    _UNFINISHED.unlink()


def write_env() -> None:
    """Write `.env` from `.env.example`, with a new secret, unless there is one."""
    target = ROOT / ".env"
    if target.exists():
        return
    say.step("Writing .env (a demonstration, with a secret key of its own)")
    lines = (ROOT / ".env.example").read_text().splitlines()
    own = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "KLIKON_MODE": "demonstration",
        "PROVISIONING_CONFIRM_AFTER": "20",  # people who watch do not wait for five minutes
    }
    for name, value in own.items():
        place = next(i for i, line in enumerate(lines) if line.lstrip("# ").startswith(f"{name}="))
        lines[place] = f"{name}={value}"
    write_at_once(target, "\n".join(lines) + "\n", mode=0o600)


def write_at_once(target: Path, text: str, mode: int = 0o644) -> None:
    """Write the whole file or none of it, even when killed."""
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    draft.touch(mode)
    draft.write_text(text)
    draft.replace(target)


def _venv_works() -> bool:
    if not VENV_PYTHON.exists():
        return False
    check = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    return run_read([str(VENV_PYTHON), "-c", check], lambda _line: None)[0] == 0


def _make_venv() -> None:
    say.step(f"Making .venv with Python {sys.version_info.major}.{sys.version_info.minor}")
    status, output = run_read(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], lambda _line: None
    )
    if status:
        raise say.Problem(
            "Mjedisi .venv nuk u krijua; në Debian dhe Ubuntu: apt install python3-venv",
            f"The environment .venv could not be made; on Debian and Ubuntu: "
            f"apt install python3-venv\n{output}",
        )


def _pip_install(requirements: str) -> None:
    say.step(f"Installing {requirements} into .venv (only when it changed; below a minute)")
    status, output = run_read(
        [
            str(VENV_PYTHON),
            "-m",
            "pip",
            "install",
            "--no-input",
            "--progress-bar",
            "off",
            "--disable-pip-version-check",
            "-r",
            requirements,
        ],
        say.passing,
    )
    say.passed()
    if status:
        raise say.Problem(
            "Instalimi i paketave të Python-it dështoi (shihni më poshtë). A ka rrjet?",
            "Installing the Python packages failed. Is there a network?\n" + output[-3000:],
        )


def _stamp(requirements: str) -> Path:
    return VENV / f".installed-{requirements}"


def _is_installed(requirements: str) -> bool:
    stamp = _stamp(requirements)
    return stamp.exists() and stamp.read_text() == _fingerprint(requirements)


def _fingerprint(requirements: str) -> str:
    # The development file includes the other one.
    content = "".join((ROOT / name).read_text() for name in sorted({RUN, requirements}))
    return hashlib.sha256(content.encode()).hexdigest()

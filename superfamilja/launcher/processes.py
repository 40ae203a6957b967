"""Run child processes that never outlive the process that started them."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV_PYTHON = ROOT / ".venv" / "bin" / "python"
_PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """Let Linux end the child when its parent is killed, even by kill -9."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def child(
    command: list[str], env: Mapping[str, str] | None = None, *, read: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """Run a child inside the block, and end it when the block ends.

    The child has a session of its own, so that it does not receive Ctrl-C. `read` gives its output
    (both streams) to the caller instead of the terminal.
    """
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        text=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_end_with_parent,  # noqa: PLW1509
        stdout=subprocess.PIPE if read else None,
        stderr=subprocess.STDOUT if read else None,
    )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[str], seconds: float = 10) -> None:
    """Ask the child to end, then kill it and whatever it left in its process group."""
    if process.poll() is None:
        _signal_group(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    _signal_group(process, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)


def _signal_group(process: subprocess.Popen[str], sign: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, sign)


def run(command: list[str], env: Mapping[str, str] | None = None) -> int:
    """Run to the end with output on the terminal; return the exit status."""
    with child(command, env) as process:
        return process.wait()


def run_read(command: list[str], on_line: Callable[[str], None]) -> tuple[int, str]:
    """Run to the end, each line of output to `on_line`; return exit status and output."""
    lines: list[str] = []
    with child(command, read=True) as process:
        for line in process.stdout or ():
            lines.append(line)
            on_line(line.strip())
        return process.wait(), "".join(lines)


def manage(*arguments: str, env: Mapping[str, str] | None = None) -> int:
    """Return Django's command line in the project's own environment."""
    return run([str(VENV_PYTHON), "manage.py", *arguments], env)

"""`make run`, `setup`, `stop` and `demo-reset`: start the portal and stop all that was started."""

import fcntl
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from superfamilja.launcher import background, environment, say
from superfamilja.launcher.processes import ROOT, VENV_PYTHON, child, manage, run

_RUNNING = ROOT / "var" / "run.lock"


def run_portal() -> int:
    """Prepare, serve until Ctrl-C, stop all of it."""
    port = _port()
    with _only_one(port):
        _require_free(port)
        try:
            prepare()
            return _serve(port)
        finally:
            _stop_database()


def prepare() -> None:
    """Prepare everything that the web server needs."""
    environment.install(environment.RUN)
    environment.write_env()
    if run([str(VENV_PYTHON), "-m", "superfamilja.launcher.prepare"]):
        raise say.Problem(
            "Përgatitja nuk u krye; arsyeja është më lart.",
            "The preparation failed; the reason is above.",
        )


def setup() -> int:
    """Do what `make run` does before it serves."""
    with _only_one(0):
        prepare()
        say.step("Ready: make run")
    return 0


def stop() -> int:
    """Stop a `make run` of this directory, and its PostgreSQL unless others use it."""
    pid = _running_pid()
    if pid:
        os.kill(pid, signal.SIGTERM)
        _wait_until(lambda: _running_pid() is None, seconds=20)
    elif VENV_PYTHON.exists():
        _stop_database()
    say.step("Stopped." if pid else "The portal was not running.")
    return 0


def demo_reset() -> int:
    """Drop all data of the demonstration and load it anew."""
    if os.environ.get("FORCE") != "1":
        print("Të dhënat e demonstrimit fshihen dhe ngarkohen nga e para.")
        print("All data of the demonstration are dropped and loaded anew. Type: reset")
        if not sys.stdin.isatty() or input("> ").strip() != "reset":
            print("Asgjë nuk ndryshoi. / Nothing changed.")
            return 1
    with _only_one(0):
        environment.install(environment.RUN)
        environment.write_env()
        try:
            status = manage("demo", "--drop")
            if not status:
                prepare()
            return status
        finally:
            _stop_database()


def call() -> int:
    """Dial 130 at a running `make run` of this directory, as a Mobile Leader."""
    if _running_pid() is None:
        raise say.Problem(
            "Klik-ON nuk është i ndezur; ndizeni më parë me: make run",
            "Klik-ON does not run here; start it first, in another terminal: make run",
        )
    return manage("call_130")


def _serve(port: int) -> int:
    say.step("Web server")
    server = [str(VENV_PYTHON), "-m", "superfamilja.launcher.serve"]
    with ExitStack() as running:
        process = running.enter_context(child(server, {"PORT": str(port)}))
        _wait_until(lambda: process.poll() is not None or _answers(port), seconds=30)
        try:
            if process.poll() is None:
                _welcome(port)
                running.enter_context(background.kept_running(port))
            status = process.wait()
        except KeyboardInterrupt:  # the usual way to stop, not a failure
            return 0
    print("Serveri u ndal vetë; shihni më lart. / The web server ended by itself; see above.")
    return status or 1


def _welcome(port: int) -> None:
    say.step("Klik-ON is ready.\n")
    manage("demo", "--show", env={"PORT": str(port)})
    print("\nCtrl-C i ndal të gjitha. / Ctrl-C stops everything.", flush=True)


def _stop_database() -> None:
    print("\nPo ndalet… / Stopping…", flush=True)
    manage("embedded_postgres", "stop", "--unless-used")


def _port() -> int:
    text = os.environ.get("PORT") or "8000"
    if text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise say.Problem(f"PORT={text} nuk është portë.", f"PORT={text} is not a port.")


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        # Bind as the server does: a port that only waits for old connections to end is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise say.Problem(
                f"Porta {port} është e zënë ose e ndaluar. Zgjidhni një tjetër: "
                f"make run PORT={port + 1}",
                f"Port {port} is taken or not allowed. Choose another: make run PORT={port + 1}",
            ) from error


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_until(done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.05)


@contextmanager
def _only_one(port: int) -> Iterator[None]:
    """Hold var/run.lock; the kernel releases it however this process ends."""
    _RUNNING.parent.mkdir(exist_ok=True)
    with _RUNNING.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise say.Problem(
                "Klik-ON është tashmë i ndezur nga kjo dosje; ndaleni me: make stop",
                "Klik-ON already runs from this directory; stop it with: make stop",
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()} {port}")
        lock.flush()
        yield


def _running_pid() -> int | None:
    if not _RUNNING.exists():
        return None
    with _RUNNING.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return int(lock.read().split()[0])
    return None

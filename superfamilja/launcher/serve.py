"""Become the web server, as the environment and `.env` say; runs inside `.venv`."""

import os
import sys

import environ

from superfamilja.launcher.processes import ROOT


def main() -> None:
    """Read the settings of the server, then become it (same process id)."""
    environ.Env.read_env(ROOT / ".env")
    threads = os.environ.get("WEB_THREADS") or str(_threads())
    # One connection a thread: with fewer, threads would queue; with more, some would be idle.
    os.environ["DATABASE_POOL_SIZE"] = os.environ.get("DATABASE_POOL_SIZE") or threads
    os.execv(  # noqa: S606
        sys.executable,
        [
            sys.executable,
            "-m",
            "granian",
            "superfamilja.wsgi:application",
            "--interface",
            "wsgi",
            "--log-level",
            "warning",
            "--host",
            os.environ.get("HOST") or "127.0.0.1",
            "--port",
            os.environ.get("PORT") or "8000",
            "--workers",
            os.environ.get("WEB_WORKERS") or "1",
            "--blocking-threads",
            threads,
            "--workers-kill-timeout",
            "5",
        ],
    )


def _threads() -> int:
    """Return the number of threads: two a core and one, as granian advises, but at most eight.

    Python computes on one core at a time. More threads help only while others wait for the
    database, and eight serve a demonstration.
    """
    return min(8, 2 * (os.cpu_count() or 1) + 1)


if __name__ == "__main__":
    main()

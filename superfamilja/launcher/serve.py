"""Runs inside `.venv`: become the web server, as the environment and `.env` say."""

import os
import sys

import environ

from superfamilja.launcher.processes import ROOT


def main() -> None:
    """Read the settings that concern the server, then turn into it (same process id)."""
    environ.Env.read_env(ROOT / ".env")
    threads = os.environ.get("WEB_THREADS") or str(_threads())
    # A connection a thread: fewer would queue, more would never be used.
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
    """Python computes on one core at a time; more threads only help while others wait for the
    database. Two a core and one is what granian itself advises; eight serve a demonstration."""
    return min(8, 2 * (os.cpu_count() or 1) + 1)


if __name__ == "__main__":
    main()

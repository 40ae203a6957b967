"""Runs inside `.venv`: become the web server, as the environment and `.env` say."""

import os
import sys

import environ

from superfamilja.launcher.processes import ROOT


def main() -> None:
    """Read the settings that concern the server, then turn into it (same process id)."""
    environ.Env.read_env(ROOT / ".env")
    threads = os.environ.get("WEB_THREADS") or "8"
    # A connection a thread: fewer would queue, more would never be used.
    os.environ["DATABASE_POOL_SIZE"] = os.environ.get("DATABASE_POOL_SIZE") or threads
    os.execv(  # noqa: S606
        sys.executable,
        [
            sys.executable, "-m", "granian", "superfamilja.wsgi:application",
            "--interface", "wsgi", "--log-level", "warning",
            "--host", os.environ.get("HOST") or "127.0.0.1",
            "--port", os.environ.get("PORT") or "8000",
            "--workers", os.environ.get("WEB_WORKERS") or "1",
            "--blocking-threads", threads,
            "--workers-kill-timeout", "5",
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()

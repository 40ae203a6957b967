"""`manage.py embedded_postgres start|stop|status|url|pgbench`."""

import os
from argparse import REMAINDER, ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from superfamilja.embedded_postgres import programs, server


class Command(BaseCommand):
    help = "Start, stop and look at the PostgreSQL that comes with the project."
    # This command must work when the rest of the project does not.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["start", "stop", "status", "url", "pgbench"])
        parser.add_argument(
            "--unless-used", action="store_true", help="stop: not while others are connected"
        )
        parser.add_argument("options", nargs=REMAINDER, help="pgbench: its own options")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.USES_EMBEDDED_DATABASE:
            if options["act"] == "stop":
                return  # Another person's server is not ours to stop.
            raise CommandError("DATABASE_URL is set, so the embedded PostgreSQL is not in use.")
        data_dir: Path = settings.EMBEDDED_POSTGRES_DIR
        try:
            if options["act"] == "pgbench":
                self._pgbench(data_dir, options["options"])
            elif options["act"] == "stop":
                self._stop(data_dir, unless_used=options["unless_used"])
            else:
                getattr(self, f"_{options['act']}")(data_dir)
        except programs.EmbeddedPostgresError as error:
            raise CommandError(str(error)) from error

    def _start(self, data_dir: Path) -> None:
        server.ensure_started(data_dir)

    def _stop(self, data_dir: Path, *, unless_used: bool) -> None:
        if not server.is_running(data_dir):
            self.stdout.write("PostgreSQL was not running.")
            return
        others = server.others_connected(data_dir) if unless_used else 0
        if others:
            self.stdout.write(f"PostgreSQL stays up: {others} other connections use it.")
            return
        server.stop(data_dir)
        self.stdout.write("PostgreSQL stopped.")

    def _status(self, data_dir: Path) -> None:
        if not server.is_running(data_dir):
            raise CommandError("not running", returncode=3)
        self.stdout.write(f"running, {server.others_connected(data_dir)} connections")

    def _url(self, data_dir: Path) -> None:
        self.stdout.write(
            f"postgres://{server.ROLE}@/{server.DATABASE}?host={server.socket_dir(data_dir)}"
        )

    def _pgbench(self, data_dir: Path, options: list[str]) -> None:
        server.ensure_started(data_dir)
        where = ["-h", str(server.socket_dir(data_dir)), "-U", server.ROLE]
        program = programs.path_of("pgbench")
        os.execv(program, [program, *where, *options, server.DATABASE])  # noqa: S606

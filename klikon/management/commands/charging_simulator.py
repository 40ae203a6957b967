"""`manage.py charging_simulator`: run a prepaid charging system for trials."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from klikon.charging_simulator.callbacks import Callbacks
from klikon.charging_simulator.server import Simulator
from klikon.charging_simulator.store import PLACE, SimulatorStore

NOT_NEEDED = 3  # superfamilja/launcher/background.py then does not start it again
HERE = {"127.0.0.1", "localhost"}


class Command(BaseCommand):
    help = "Simulate the prepaid charging system at CHARGING_URL, until told to stop."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, help="instead of CHARGING_URL's")
        parser.add_argument("--store", type=Path, default=PLACE)
        parser.add_argument("--callbacks", default="", help="where it tells outcomes by itself")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError(
                "This is not a demonstration: packages come from a real system.",
                returncode=NOT_NEEDED,
            )
        url = urlsplit(settings.CHARGING_URL)
        if options["port"] is None and url.hostname not in HERE:
            raise CommandError(
                "CHARGING_URL is somewhere else: there is nothing to simulate.",
                returncode=NOT_NEEDED,
            )
        port = url.port or 80 if options["port"] is None else options["port"]
        callbacks = Callbacks(options["callbacks"], settings.CHARGING_CALLBACK_KEYS[0])
        options["store"].parent.mkdir(parents=True, exist_ok=True)
        signal.signal(signal.SIGTERM, _end)
        with Simulator(
            ("127.0.0.1", port), SimulatorStore(options["store"]), callbacks
        ) as simulator:
            if options["port"] == 0:  # any free port, so print which
                self.stdout.write(f"http://127.0.0.1:{simulator.server_port}")
                self.stdout.flush()
            try:
                simulator.serve_forever()
            except KeyboardInterrupt:
                return


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt

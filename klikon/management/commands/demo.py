"""`manage.py demo`: make the demonstration's staff, catalogue and families. Safe to repeat."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext, override

from groups.models import Contract
from klikon.charging_simulator.store import forget
from klikon.demonstration.world import families
from klikon.models import Package, Promotion
from superfamilja.accounts import demonstration
from superfamilja.clock import portal_clock
from superfamilja.epoch import outside

CATALOGUE = settings.BASE_DIR / "data" / "catalogue.csv"
BASE = settings.BASE_DIR / "data" / "base.csv"
PROMOTIONS = settings.BASE_DIR / "data" / "promotions.csv"


class Command(BaseCommand):
    help = "Load the demonstration data; only when KLIKON_MODE=demonstration."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--show", action="store_true", help="print addresses and sign-ins")
        parser.add_argument("--drop", action="store_true", help="drop every table and its data")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMONSTRATION:
            raise CommandError("This is not a demonstration: its data are not touched.")
        if options["show"]:
            self._show()
        elif options["drop"]:
            self._drop()
        else:
            self._load()

    def _load(self) -> None:
        demonstration.create_staff()
        if not Package.objects.exists():
            call_command("import_catalogue", CATALOGUE)
        if not Contract.objects.exists():
            call_command("import_base", BASE)
        if not Promotion.objects.exists():
            call_command("import_promotions", PROMOTIONS)
        families.make(portal_clock.now())

    def _show(self) -> None:
        portal = f"http://127.0.0.1:{os.environ.get('PORT') or '8000'}"
        self.stdout.write(f"  Demonstrimi / Demonstration:  {portal}{reverse('demo')}\n")
        self.stdout.write(f"  Portali / Portal:             {portal}/\n\n")
        with override("sq"):
            for username, person in demonstration.PEOPLE.items():
                where = f" {', '.join(person.stores)}" if person.stores else ""
                self.stdout.write(
                    f"  {username:<15} {demonstration.PASSWORD:<20} {gettext(person.role)}{where}"
                )
        self.stdout.write(
            "\n  Kodi i dytë shfaqet te faqja që e kërkon; ose: / The page that asks for the second"
            " code also shows it; or:\n    .venv/bin/python manage.py staff_code agjenti"
        )

    def _drop(self) -> None:
        # The rows refuse to be deleted, as they should, so the whole schema is dropped.
        if not settings.USES_EMBEDDED_DATABASE:
            raise CommandError("DATABASE_URL is set: drop that database yourself if you mean it.")
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        forget()
        if settings.EPOCH_FILE:
            outside.forget(settings.EPOCH_FILE)

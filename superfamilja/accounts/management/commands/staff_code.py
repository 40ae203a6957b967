"""`manage.py staff_code USERNAME`: print the current code of a demonstration account."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from superfamilja.accounts import demonstration


class Command(BaseCommand):
    help = "Prints the sign-in code of a demonstration account. Refuses to run in production."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            code = demonstration.current_code(options["username"])
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        if code is None:
            raise CommandError("This is not a demonstration account with a second factor.")
        self.stdout.write(code)

"""Prepare translations, database, static files and demonstration data; runs inside `.venv`.

One process does it all, because starting Django costs most of a second start.
"""

import os

import django
from django.conf import settings
from django.core.management import call_command

from superfamilja.launcher import say, translations


def main() -> None:
    """Do everything between the installed packages and the web server. Safe to repeat."""
    translations.compile_all()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "superfamilja.settings")
    django.setup()
    if settings.USES_EMBEDDED_DATABASE:
        say.step("PostgreSQL (the one that comes with the project)")
        call_command("embedded_postgres", "start")
    say.step("Database tables")
    call_command("migrate", interactive=False, verbosity=0)
    say.step("Static files")
    call_command("collectstatic", interactive=False, verbosity=0)
    if settings.DEMONSTRATION:
        say.step("Demonstration data")
        call_command("demo")


if __name__ == "__main__":
    main()

"""Runs inside `.venv`: translations, database, static files, demonstration data.

One process for all of it, because starting Django is the dearest part of a second start.
"""

import os

import django
from django.conf import settings
from django.core.management import call_command

from superfamilja.launcher import say, translations


def main() -> None:
    """Everything between the installed packages and the web server. Safe to repeat."""
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

"""The entry point of the web server."""

import os
from contextlib import suppress

from django.core.wsgi import get_wsgi_application
from django.db import Error, connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "superfamilja.settings")
application = get_wsgi_application()

from superfamilja.data import database_bounds  # noqa: E402 - the settings are ready only now

database_bounds.bound_web()
# R36: log the state at the start, before the first request; a missing database is checked later.
with suppress(Error):
    connection.ensure_connection()
connection.close()

"""The web server's entrance."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "superfamilja.settings")
application = get_wsgi_application()

from superfamilja import database_bounds  # noqa: E402 - the settings are ready only now

database_bounds.bound_web()

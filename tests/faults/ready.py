"""Load Django once, without connections, in the process that all others are forked from."""

import django

django.setup()

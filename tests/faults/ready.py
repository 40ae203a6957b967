"""Loaded once by the process that all others are forked from: Django, and nothing connected."""

import django

django.setup()

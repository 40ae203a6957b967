"""A real PostgreSQL that comes with the project: used when DATABASE_URL is unset.

`server` starts and finds it; `base` is Django's database backend for it, which starts it
at the first connection of any process, so that nobody has to remember to.
"""

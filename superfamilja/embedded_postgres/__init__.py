"""A real PostgreSQL that comes with the project, for an unset DATABASE_URL.

`server` starts and finds it. `base` is Django's database backend for it; the first connection of
any process starts the server.
"""

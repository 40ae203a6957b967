"""Django's PostgreSQL backend with time limits, so that a silent server blocks nobody forever."""

"""Django's PostgreSQL backend with bounds: nobody waits for ever for a server that says nothing."""

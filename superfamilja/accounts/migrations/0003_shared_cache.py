"""The table of the shared cache, so that `migrate` is enough (no `createcachetable`)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_sessions_and_temporary_passwords")]

    operations = [
        migrations.RunSQL(
            sql="""
                CREATE TABLE IF NOT EXISTS shared_cache (
                    cache_key varchar(255) PRIMARY KEY,
                    value text NOT NULL,
                    expires timestamptz NOT NULL
                );
                CREATE INDEX IF NOT EXISTS shared_cache_expires ON shared_cache (expires);
            """,
            reverse_sql="DROP TABLE shared_cache",
        )
    ]

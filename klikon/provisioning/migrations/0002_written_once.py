"""Orders and their history are written once; there is one line to the charging system."""

from django.db import migrations

from superfamilja.data.append_only import WrittenOnce

THE_LINE = "INSERT INTO provisioning_line (id, failures) VALUES (1, 0)"


class Migration(migrations.Migration):
    dependencies = [("provisioning", "0001_initial")]

    operations = [
        migrations.RunSQL(THE_LINE, migrations.RunSQL.noop),
        WrittenOnce(
            "Order",
            free=["state", "next_at", "attempt", "maybe_sent", "tries", "asks", "forgotten",
                  "silent_since"],
        ),
        WrittenOnce("OrderEvent"),
    ]

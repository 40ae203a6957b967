"""Messages that are written from now on have a key of chance at the gateway."""

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models

from superfamilja.data.append_only import WrittenOnce


class Migration(migrations.Migration):
    dependencies = [("outbox", "0003_a_secret_may_be_blanked")]

    operations = [
        # Two steps: those that the gateway may know already keep the id that it knows.
        migrations.AddField("outgoingmessage", "gateway_key", models.UUIDField(null=True, editable=False)),
        migrations.AlterField(
            "outgoingmessage",
            "gateway_key",
            models.UUIDField(null=True, editable=False, db_default=RandomUUID()),
        ),
        migrations.AddConstraint(
            "outgoingmessage",
            models.UniqueConstraint(fields=("gateway_key",), name="message_gateway_key_once"),
        ),
        WrittenOnce(
            "OutgoingMessage",
            set_once=["segments", "sent_at"],
            # Parameters and text are guarded by message_says_once.
            free=["state", "attempts", "next_attempt_at", "last_error", "parameters", "text"],
        ),
    ]

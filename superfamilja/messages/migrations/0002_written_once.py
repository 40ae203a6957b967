from django.db import migrations

from superfamilja.data.append_only import WrittenOnce

# What was sent stays sent, and what was given up stays given up.
STATES = """
CREATE FUNCTION message_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'message % cannot go from % to %', OLD.id, OLD.state, NEW.state
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER message_ends_once BEFORE UPDATE OF state ON outbox_outgoingmessage FOR EACH ROW
    WHEN (OLD.state <> 'queued' AND OLD.state <> NEW.state) EXECUTE FUNCTION message_ends_once();
"""
UNDO = """
DROP TRIGGER message_ends_once ON outbox_outgoingmessage;
DROP FUNCTION message_ends_once();
"""


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_initial")]
    operations = [
        WrittenOnce(
            "OutgoingMessage",
            set_once=["text", "segments", "sent_at"],
            free=["state", "attempts", "next_attempt_at", "last_error"],
        ),
        migrations.RunSQL(STATES, UNDO),
    ]

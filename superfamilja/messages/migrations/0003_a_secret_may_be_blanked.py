from django.db import migrations

from superfamilja.data.append_only import WrittenOnce

# What a message says is written once. One exception: the code of a message that nobody sends any
# more may go, and nothing else with it.
SAID = """
CREATE FUNCTION message_says_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.parameters ? 'code' AND OLD.parameters ->> 'code' <> '•••' AND NEW.state <> 'queued'
        AND NEW.parameters = OLD.parameters || '{"code": "•••"}'
        AND NEW.text IS NOT DISTINCT FROM replace(OLD.text, OLD.parameters ->> 'code', '•••')
    THEN RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what message % says is written once', OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER message_says_once BEFORE UPDATE ON outbox_outgoingmessage FOR EACH ROW
    WHEN (OLD.parameters IS DISTINCT FROM NEW.parameters
          OR (OLD.text IS NOT NULL AND OLD.text IS DISTINCT FROM NEW.text))
    EXECUTE FUNCTION message_says_once();
CREATE INDEX message_code_in_clear ON outbox_outgoingmessage (expires_at)
    WHERE parameters ? 'code' AND parameters ->> 'code' <> '•••';
"""
UNDO = """
DROP INDEX message_code_in_clear;
DROP TRIGGER message_says_once ON outbox_outgoingmessage;
DROP FUNCTION message_says_once();
"""


class Migration(migrations.Migration):
    dependencies = [("outbox", "0002_written_once")]
    operations = [
        WrittenOnce(
            "OutgoingMessage",
            set_once=["segments", "sent_at"],
            free=["state", "attempts", "next_attempt_at", "last_error", "parameters", "text"],
        ),
        migrations.RunSQL(SAID, UNDO),
    ]

from django.db import migrations

# A code that still opens something stays as it was sent. Its message was written at the moment at
# which the code was made, to the same number.
OVER = """
CREATE FUNCTION message_code_is_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.expires_at <= clock_timestamp() OR EXISTS (
        SELECT FROM customers_onetimecode c
        WHERE c.msisdn = OLD.recipient AND c.made_at = OLD.written_at
          AND (c.used_at IS NOT NULL OR c.tries >= 3))
    THEN RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the code of message % is still good', OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER message_code_is_over BEFORE UPDATE ON outbox_outgoingmessage FOR EACH ROW
    WHEN (OLD.parameters IS DISTINCT FROM NEW.parameters)
    EXECUTE FUNCTION message_code_is_over();
"""
UNDO = """
DROP TRIGGER message_code_is_over ON outbox_outgoingmessage;
DROP FUNCTION message_code_is_over();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0001_initial"),
        ("outbox", "0003_a_secret_may_be_blanked"),
    ]
    operations = [migrations.RunSQL(OVER, UNDO)]

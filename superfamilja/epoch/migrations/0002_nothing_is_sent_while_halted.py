from django.db import migrations

from superfamilja.data.append_only import WrittenOnce

# R36: delivery takes a message by changing its row, so nothing is sent that it cannot take. Written
# it may be: a reversal during the standstill tells its family when we go on.
GUARD = """
CREATE FUNCTION refuse_while_halted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM epoch_halt WHERE ended_at IS NULL) THEN
        RAISE EXCEPTION 'the database was restored: % on % waits until the books are compared',
            TG_OP, TG_TABLE_NAME USING ERRCODE = 'KN036';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER refuse_while_halted BEFORE UPDATE ON outbox_outgoingmessage
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_halted();
"""
UNDO_GUARD = """
DROP TRIGGER refuse_while_halted ON outbox_outgoingmessage;
DROP FUNCTION refuse_while_halted();
"""


class Migration(migrations.Migration):
    dependencies = [("epoch", "0001_initial"), ("outbox", "0002_written_once")]
    operations = [
        WrittenOnce("Epoch"),
        WrittenOnce(
            "Halt",
            set_once=["ended_at", "ended_by_id"],
            free=["proposed_at", "proposed_by_id", "reason", "send_waiting"],
        ),
        migrations.RunSQL(GUARD, UNDO_GUARD),
    ]

from django.db import migrations

from superfamilja.accounts.second_person.held_guard import HeldAccountsWait
from superfamilja.data.append_only import WrittenOnce

# R13: as migration 0007 has it, with one more exception. A line that fixed billing rejected was
# never billed: while its entry waits, a credit of that kind lands in its own month.
CLOSED = """
CREATE OR REPLACE FUNCTION nothing_posts_to_a_closed_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM billing_billmonth WHERE month = NEW.month AND state <> 'open') THEN
        IF TG_TABLE_NAME = 'billing_billentry' AND TG_OP = 'UPDATE' AND EXISTS (
            SELECT FROM billing_parkedentry
            WHERE entry_id = NEW.id AND resolution IS NULL AND withdrawn_at IS NULL
        ) THEN
            RETURN NEW;
        END IF;
        IF TG_TABLE_NAME = 'billing_credit' AND to_jsonb(NEW) ->> 'kind' = 'unbilled' AND EXISTS (
            SELECT FROM billing_parkedentry
            WHERE entry_id = (to_jsonb(NEW) ->> 'entry_id')::bigint
              AND resolution IS NULL AND answer_id IS NOT NULL
        ) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'month % is closed: nothing posts to it any more', NEW.month
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_TABLE_NAME = 'billing_credit' AND to_jsonb(NEW) ->> 'kind' = 'unbilled' THEN
        RAISE EXCEPTION 'only what fixed billing rejected is credited as not billed'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
UNDO_CLOSED = """
CREATE OR REPLACE FUNCTION nothing_posts_to_a_closed_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM billing_billmonth WHERE month = NEW.month AND state <> 'open') THEN
        IF TG_TABLE_NAME = 'billing_billentry' AND TG_OP = 'UPDATE' AND EXISTS (
            SELECT FROM billing_parkedentry
            WHERE entry_id = NEW.id AND resolution IS NULL AND withdrawn_at IS NULL
        ) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'month % is closed: nothing posts to it any more', NEW.month
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

# What counts, counts as it was read. One that is kept for a person may be read again.
TAKEN = """
CREATE FUNCTION answer_is_taken_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'answer % is taken: it does not change any more', OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER answer_is_taken_once BEFORE UPDATE ON billing_billinganswer FOR EACH ROW
    WHEN (OLD.state = 'taken' OR OLD.closed_at IS NOT NULL)
    EXECUTE FUNCTION answer_is_taken_once();
"""
UNDO_TAKEN = """
DROP TRIGGER answer_is_taken_once ON billing_billinganswer;
DROP FUNCTION answer_is_taken_once();
"""

# A month is settled when its own lines say so, whoever writes the row.
EVEN = """
CREATE FUNCTION settlement_is_counted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said record;
    went_out record;
    on_the_bills bigint;
BEGIN
    SELECT coalesce(sum(spent - carried_out + carried_in + adjusted), 0)
    INTO on_the_bills FROM billing_billentry WHERE month = NEW.month;
    SELECT count(*) FILTER (WHERE l.result = 'accepted') AS accepted,
           coalesce(sum(l.amount_lek) FILTER (WHERE l.result = 'accepted'), 0) AS accepted_lek,
           count(*) FILTER (WHERE l.result = 'rejected') AS rejected,
           coalesce(sum(l.amount_lek) FILTER (WHERE l.result = 'rejected'), 0) AS rejected_lek
    INTO said
    FROM billing_answeredline l JOIN billing_issuedfile f ON f.id = l.file_id
    WHERE f.month = NEW.month;
    SELECT coalesce(sum(entries), 0) AS lines, coalesce(sum(amount_lek), 0) AS lek
    INTO went_out FROM billing_issuedfile WHERE month = NEW.month;
    IF said.accepted <> NEW.accepted OR said.accepted_lek <> NEW.accepted_lek
       OR said.rejected <> NEW.rejected OR said.rejected_lek <> NEW.rejected_lek
       OR on_the_bills <> NEW.billed_lek
       OR went_out.lines <> NEW.issued OR went_out.lek <> NEW.issued_lek
       OR EXISTS (SELECT FROM billing_parkedentry
                  WHERE month = NEW.month AND withdrawn_at IS NULL AND resolution IS NULL)
    THEN
        RAISE EXCEPTION 'month % is not settled: its lines say something else', NEW.month
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER settlement_is_counted BEFORE INSERT ON billing_settlement
    FOR EACH ROW EXECUTE FUNCTION settlement_is_counted();
"""
UNDO_EVEN = """
DROP TRIGGER settlement_is_counted ON billing_settlement;
DROP FUNCTION settlement_is_counted();
"""

# R36: a database that stands still takes no answer.
HALTED = """
CREATE TRIGGER refuse_while_halted BEFORE INSERT OR UPDATE ON billing_billinganswer
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_halted();
"""
UNDO_HALTED = "DROP TRIGGER refuse_while_halted ON billing_billinganswer"


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0014_answers_of_fixed_billing"),
        ("accounts", "0007_two_administrators"),
        ("epoch", "0002_nothing_is_sent_while_halted"),
    ]
    operations = [
        WrittenOnce("Credit"),
        WrittenOnce("IssuedFile", set_once=["laid_out_at"]),
        WrittenOnce(
            "ParkedEntry",
            set_once=["resolution", "resolved_at", "resolved_by_id", "withdrawn_at", "issued_in_id"],
            free=["proposed_at", "proposed_by_id", "reason"],
        ),
        WrittenOnce(
            "BillingAnswer",
            set_once=["closed_at", "closed_by_id", "closed_reason", "file_id"],
            free=[
                "state", "accepted", "accepted_lek", "rejected", "rejected_lek", "problems", "found",
            ],
        ),
        WrittenOnce("AnsweredLine"),
        WrittenOnce("Settlement"),
        HeldAccountsWait("BillingAnswer", "closed_by", "closed_at"),
        HeldAccountsWait("BillingAnswer", "received_by", "received_at"),
        migrations.RunSQL(CLOSED, UNDO_CLOSED),
        migrations.RunSQL(TAKEN, UNDO_TAKEN),
        migrations.RunSQL(EVEN, UNDO_EVEN),
        migrations.RunSQL(HALTED, UNDO_HALTED),
    ]

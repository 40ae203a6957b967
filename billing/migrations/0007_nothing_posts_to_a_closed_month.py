from django.db import migrations

from superfamilja.data.append_only import WrittenOnce

# R13: the last guard, whatever the way. The verbs hold the month's lock, which makes it exact.
# A parked entry that still waits is the one exception: it may be counted anew from its lines.
CLOSED = """
CREATE FUNCTION nothing_posts_to_a_closed_month() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER nothing_posts_to_a_closed_month BEFORE INSERT OR UPDATE ON billing_billentry
    FOR EACH ROW EXECUTE FUNCTION nothing_posts_to_a_closed_month();
CREATE TRIGGER nothing_posts_to_a_closed_month BEFORE INSERT ON billing_charge
    FOR EACH ROW EXECUTE FUNCTION nothing_posts_to_a_closed_month();
CREATE TRIGGER nothing_posts_to_a_closed_month BEFORE INSERT ON billing_credit
    FOR EACH ROW EXECUTE FUNCTION nothing_posts_to_a_closed_month();
"""
UNDO_CLOSED = """
DROP TRIGGER nothing_posts_to_a_closed_month ON billing_billentry;
DROP TRIGGER nothing_posts_to_a_closed_month ON billing_charge;
DROP TRIGGER nothing_posts_to_a_closed_month ON billing_credit;
DROP FUNCTION nothing_posts_to_a_closed_month();
"""

# Open, closed, approved; back from closed to open; approved is for good. While a month is closed
# nobody can change who closed it, and with what figures.
STATES = """
CREATE FUNCTION month_moves_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'month % cannot go from % to % like this', OLD.month, OLD.state, NEW.state
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER month_moves_in_order BEFORE UPDATE ON billing_billmonth FOR EACH ROW
    WHEN (OLD.state = 'approved'
          OR (OLD.state = 'open' AND NEW.state = 'approved')
          OR (OLD.state = 'closed' AND NEW.state <> 'open'
              AND (OLD.closed_at, OLD.closed_by_id, OLD.figures)
                  IS DISTINCT FROM (NEW.closed_at, NEW.closed_by_id, NEW.figures)))
    EXECUTE FUNCTION month_moves_in_order();
"""
UNDO_STATES = """
DROP TRIGGER month_moves_in_order ON billing_billmonth;
DROP FUNCTION month_moves_in_order();
"""

# What was proposed may be proposed anew, until somebody has resolved it.
RESOLVED = """
CREATE FUNCTION parked_resolved_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'parked entry % is resolved already', OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER parked_resolved_once BEFORE UPDATE ON billing_parkedentry FOR EACH ROW
    WHEN (OLD.resolution IS NOT NULL
          AND (OLD.proposed_at, OLD.proposed_by_id, OLD.reason)
              IS DISTINCT FROM (NEW.proposed_at, NEW.proposed_by_id, NEW.reason))
    EXECUTE FUNCTION parked_resolved_once();
"""
UNDO_RESOLVED = """
DROP TRIGGER parked_resolved_once ON billing_parkedentry;
DROP FUNCTION parked_resolved_once();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_closing")]
    operations = [
        WrittenOnce(
            "BillMonth",
            free=["state", "closed_at", "closed_by_id", "approved_at", "approved_by_id", "figures"],
        ),
        WrittenOnce(
            "ParkedEntry",
            set_once=["resolution", "resolved_at", "resolved_by_id", "withdrawn_at", "issued_in_id"],
            free=["proposed_at", "proposed_by_id", "reason"],
        ),
        WrittenOnce("IssuedFile"),
        WrittenOnce("IssuedPart"),
        migrations.RunSQL(CLOSED, UNDO_CLOSED),
        migrations.RunSQL(STATES, UNDO_STATES),
        migrations.RunSQL(RESOLVED, UNDO_RESOLVED),
    ]

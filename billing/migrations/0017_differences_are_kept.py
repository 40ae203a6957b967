from django.db import migrations

from superfamilja.accounts.second_person.held_guard import HeldAccountsWait
from superfamilja.data.append_only import WrittenOnce

# What has ended stays as it ended. One that comes back is another row.
ENDED = """
CREATE FUNCTION discrepancy_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'difference % has ended already', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER discrepancy_ends_once BEFORE UPDATE ON billing_discrepancy FOR EACH ROW
    WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION discrepancy_ends_once();
"""
UNDO_ENDED = """
DROP TRIGGER discrepancy_ends_once ON billing_discrepancy;
DROP FUNCTION discrepancy_ends_once();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0016_the_books"), ("accounts", "0007_two_administrators")]
    operations = [
        WrittenOnce("Reconciliation", set_once=["ended_at"], free=["silent", "open", "new", "gone"]),
        WrittenOnce(
            "Discrepancy",
            set_once=["ended_at", "ended_how", "ended_by_id"],
            free=[
                "ours", "theirs", "links", "last_seen_at",
                "owner_id", "owned_at", "proposed_at", "proposed_by_id", "reason",
            ],
        ),
        HeldAccountsWait("Discrepancy", "ended_by", "ended_at"),
        HeldAccountsWait("Discrepancy", "proposed_by", "proposed_at"),
        migrations.RunSQL(ENDED, UNDO_ENDED),
    ]

from django.db import migrations

from superfamilja.data.append_only import WrittenOnce

# R36: whatever the way, and whoever noticed. One look into an index that is empty on all other days.
# What two people have decided of one order is written by the transaction that decides it, and by
# no other.
GUARD = """
CREATE FUNCTION refuse_an_order_while_halted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM epoch_halt WHERE ended_at IS NULL) AND NOT EXISTS (
        SELECT FROM comparison_comparedorder
        WHERE reference = NEW.reference
          AND confirmed_in = pg_current_xact_id_if_assigned()::text::bigint
    ) THEN
        RAISE EXCEPTION 'the database was restored: % on % waits until the books are compared',
            TG_OP, TG_TABLE_NAME USING ERRCODE = 'KN036';
    END IF;
    RETURN NEW;
END $$;
"""
UNDO_GUARD = "DROP FUNCTION refuse_an_order_while_halted()"

ORDERS = ("billing_charge", "klikon_activation", "provisioning_order")
# Bills, files, and what comes in by file. A waiting request promises a sale.
STATEMENTS = (
    "billing_billmonth", "billing_closerequest", "billing_parkedentry", "billing_issuedfile",
    "klikon_waitingrequest", "klikon_package", "klikon_promotion", "groups_baseimport",
)

# Nobody goes on before the books are compared, whatever the way.
COMPARED = """
CREATE FUNCTION books_are_compared_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.why <> 'never_begun' AND (
        NOT EXISTS (SELECT FROM comparison_comparison WHERE halt_id = NEW.id)
        OR EXISTS (SELECT FROM comparison_comparedorder
                   WHERE halt_id = NEW.id AND confirmed_at IS NULL)
    ) THEN
        RAISE EXCEPTION 'halt % cannot end: its books are not compared', NEW.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER books_are_compared_first BEFORE UPDATE ON epoch_halt FOR EACH ROW
    WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
    EXECUTE FUNCTION books_are_compared_first();
"""
UNDO_COMPARED = """
DROP TRIGGER books_are_compared_first ON epoch_halt;
DROP FUNCTION books_are_compared_first();
"""

# A proposal may be made anew until a second person has confirmed it; then nothing changes.
CONFIRMED = """
CREATE FUNCTION compared_order_ends_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'compared order % has ended already', OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER compared_order_ends_once BEFORE UPDATE ON comparison_comparedorder FOR EACH ROW
    WHEN (OLD.confirmed_at IS NOT NULL) EXECUTE FUNCTION compared_order_ends_once();
"""
UNDO_CONFIRMED = """
DROP TRIGGER compared_order_ends_once ON comparison_comparedorder;
DROP FUNCTION compared_order_ends_once();
"""


def order_guard(table: str) -> migrations.RunSQL:
    """Inserted or changed only by who may."""
    return migrations.RunSQL(
        f"CREATE TRIGGER refuse_while_halted BEFORE INSERT OR UPDATE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_an_order_while_halted()",
        f"DROP TRIGGER refuse_while_halted ON {table}",
    )


def statement_guard(table: str) -> migrations.RunSQL:
    """Not inserted or changed at all."""
    return migrations.RunSQL(
        f"CREATE TRIGGER refuse_while_halted BEFORE INSERT OR UPDATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_halted()",
        f"DROP TRIGGER refuse_while_halted ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("comparison", "0001_initial"),
        ("epoch", "0002_nothing_is_sent_while_halted"),
        ("billing", "0010_questions_and_complaints"),
        ("groups", "0008_names_he_gives"),
        ("klikon", "0011_declarations_of_a_shop"),
        ("provisioning", "0003_orders_of_before"),
    ]
    operations = [
        WrittenOnce("Comparison"),
        WrittenOnce(
            "ComparedOrder",
            set_once=["confirmed_at", "confirmed_by_id", "confirmed_in"],
            free=["ending", "reason", "proposed_at", "proposed_by_id"],
        ),
        migrations.RunSQL(CONFIRMED, UNDO_CONFIRMED),
        migrations.RunSQL(COMPARED, UNDO_COMPARED),
        migrations.RunSQL(GUARD, UNDO_GUARD),
        *(order_guard(table) for table in ORDERS),
        *(statement_guard(table) for table in STATEMENTS),
    ]

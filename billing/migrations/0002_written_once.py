from django.db import migrations

from superfamilja.data.append_only import WrittenOnce

# R13, R29: held becomes settled or reversed, settled becomes reversed; nothing else moves.
STATES = """
CREATE FUNCTION charge_moves_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'charge % cannot go from % to %', OLD.reference, OLD.state, NEW.state
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER charge_moves_forward BEFORE UPDATE OF state ON billing_charge FOR EACH ROW
    WHEN ((OLD.state, NEW.state) NOT IN
          (('held', 'settled'), ('held', 'reversed'), ('settled', 'reversed')))
    EXECUTE FUNCTION charge_moves_forward();
CREATE FUNCTION charge_starts_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'charge % is posted as %, but every charge starts held', NEW.reference, NEW.state
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER charge_starts_held BEFORE INSERT ON billing_charge FOR EACH ROW
    WHEN (NEW.state <> 'held') EXECUTE FUNCTION charge_starts_held();
"""
UNDO = """
DROP TRIGGER charge_moves_forward ON billing_charge;
DROP FUNCTION charge_moves_forward();
DROP TRIGGER charge_starts_held ON billing_charge;
DROP FUNCTION charge_starts_held();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [
        WrittenOnce("Charge", free=["state"]),
        WrittenOnce(
            "BillEntry", free=["spent", "ceiling", "adjusted", "carried_out", "carried_in"]
        ),
        WrittenOnce("BillMonth"),
        migrations.RunSQL(STATES, UNDO),
    ]

"""The SQL function that is the portal's clock, and the steps of a demonstration's clock (R37)."""

import datetime

from django.db import migrations, models

from superfamilja.data.append_only import WrittenOnce

_PORTAL_NOW = """
CREATE FUNCTION portal_now() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE AS
$$ SELECT clock_timestamp() + coalesce((SELECT sum(ahead_by) FROM clock_clockshift), interval '0') $$
"""
_NEVER_IN_PRODUCTION = """
CREATE FUNCTION clock_is_real_in_production() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('clock_clockshift'));
    IF TG_TABLE_NAME = 'clock_clockshift' THEN
        IF EXISTS (SELECT FROM epoch_epoch WHERE mode = 'production') THEN
            RAISE EXCEPTION 'this database serves in production: its clock is never moved'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'clock_is_real';
        END IF;
    ELSIF NEW.mode = 'production' AND EXISTS (SELECT FROM clock_clockshift) THEN
        RAISE EXCEPTION 'the clock of this database was moved: it cannot serve in production'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'clock_is_real';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER clock_is_real_in_production BEFORE INSERT ON clock_clockshift
FOR EACH ROW EXECUTE FUNCTION clock_is_real_in_production();
CREATE TRIGGER clock_is_real_in_production BEFORE INSERT ON epoch_epoch
FOR EACH ROW EXECUTE FUNCTION clock_is_real_in_production();
"""
_AGAIN = """
DROP TRIGGER clock_is_real_in_production ON epoch_epoch;
DROP TRIGGER clock_is_real_in_production ON clock_clockshift;
DROP FUNCTION clock_is_real_in_production();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("epoch", "0004_births")]

    operations = [
        migrations.CreateModel(
            name="ClockShift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ahead_by", models.DurationField(verbose_name="forward by")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("shifted_at", models.DateTimeField(verbose_name="shifted at")),
            ],
            options={
                "verbose_name": "step of the clock",
                "verbose_name_plural": "steps of the clock",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ahead_by__gt", datetime.timedelta(0))),
                        name="clock_shift_forward",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="clock_shift_has_reason",
                    ),
                ],
            },
        ),
        WrittenOnce("ClockShift"),
        migrations.RunSQL(_PORTAL_NOW, "DROP FUNCTION portal_now()"),
        migrations.RunSQL(_NEVER_IN_PRODUCTION, _AGAIN),
    ]

"""Whether a code is over is asked of the portal's clock, which alone wrote when it ends (R37)."""

from django.db import migrations

BY_THE_PORTALS_CLOCK = """
CREATE OR REPLACE FUNCTION message_code_is_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.expires_at <= portal_now() OR EXISTS (
        SELECT FROM customers_onetimecode c
        WHERE c.msisdn = OLD.recipient AND c.made_at = OLD.written_at
          AND (c.used_at IS NOT NULL OR c.tries >= 3))
    THEN RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the code of message % is still good', OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;
"""
BY_THE_DATABASES_CLOCK = BY_THE_PORTALS_CLOCK.replace("portal_now()", "clock_timestamp()")


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0003_codes_at_a_counter"),
        ("clock", "0001_initial"),
    ]
    operations = [migrations.RunSQL(BY_THE_PORTALS_CLOCK, BY_THE_DATABASES_CLOCK)]

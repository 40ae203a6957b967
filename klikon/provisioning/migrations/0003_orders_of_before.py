"""What was activated before orders were kept has its order as well."""

from django.db import migrations

ORDERS_OF_BEFORE = """
INSERT INTO provisioning_order (reference, state, ordered_at, next_at, attempt,
                                maybe_sent, tries, asks, forgotten)
SELECT a.reference,
       CASE c.state WHEN 'held' THEN 'ordered' WHEN 'settled' THEN 'done' ELSE 'failed' END,
       a.accepted_at, CASE c.state WHEN 'held' THEN a.accepted_at END, 0, false, 0, 0, 0
FROM klikon_activation a JOIN billing_charge c ON c.id = a.charge_id
"""


class Migration(migrations.Migration):
    dependencies = [("provisioning", "0002_written_once")]

    operations = [migrations.RunSQL(ORDERS_OF_BEFORE, migrations.RunSQL.noop)]

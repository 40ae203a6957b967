from django.db import migrations


class Migration(migrations.Migration):
    """An entry is written again with every charge of its month. With room left on its page the new
    version stays there, beside the old one, and no index is touched: less to write, and no growth
    of the cost with the size of the base."""

    dependencies = [("billing", "0007_nothing_posts_to_a_closed_month")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE billing_billentry SET (fillfactor = 70)",
            "ALTER TABLE billing_billentry RESET (fillfactor)",
        )
    ]

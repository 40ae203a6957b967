"""References are drawn by chance: the sequence that counted them goes (docs/adr/0020)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("klikon", "0014_number_changes")]

    operations = [
        migrations.RunSQL("DROP SEQUENCE klikon_reference", "CREATE SEQUENCE klikon_reference")
    ]

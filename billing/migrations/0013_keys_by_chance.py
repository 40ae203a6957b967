"""The fixed billing system keeps entries' references, payers those of questions: by chance now."""

from django.db import migrations, models

from superfamilja.data.keys_by_chance import KeysByChance


class Migration(migrations.Migration):
    dependencies = [("billing", "0012_held_accounts_wait")]

    operations = [
        KeysByChance("BillEntry"),
        KeysByChance("Dispute"),
        migrations.AddConstraint(
            model_name="issuedfile",
            constraint=models.UniqueConstraint(fields=("name",), name="issued_name_once"),
        ),
    ]

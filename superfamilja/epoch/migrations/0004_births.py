"""Where an epoch's row was written. Those that are there already get no birth: this database may be
a dump that was loaded again, and whoever still has an older mark outside then asks two people."""

import django.db.models.deletion
from django.db import migrations, models

from superfamilja.data.append_only import WrittenOnce


class Migration(migrations.Migration):
    dependencies = [("epoch", "0003_held_accounts_wait")]

    operations = [
        migrations.CreateModel(
            name="EpochBirth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("xid", models.CharField(max_length=20)),
                ("table_oid", models.BigIntegerField()),
                ("database_oid", models.BigIntegerField()),
                ("cluster", models.CharField(max_length=20)),
                ("timeline", models.CharField(max_length=8)),
                (
                    "epoch",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="birth",
                        to="epoch.epoch",
                    ),
                ),
            ],
            options={"default_permissions": ()},
        ),
        WrittenOnce("EpochBirth"),
    ]

"""Declarations lie in folders: their numbers are drawn by chance now."""

from django.db import migrations

from superfamilja.data.keys_by_chance import KeysByChance


class Migration(migrations.Migration):
    dependencies = [
        ("klikon", "0015_references_by_chance"),
        ("billing", "0013_keys_by_chance"),  # spells them
    ]

    operations = [KeysByChance("Declaration")]

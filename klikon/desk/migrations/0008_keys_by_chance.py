"""Blank forms lie in drawers: their numbers are drawn by chance now."""

from django.db import migrations

from superfamilja.data.keys_by_chance import KeysByChance


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0007_held_accounts_wait"),
        ("billing", "0013_keys_by_chance"),
    ]

    operations = [KeysByChance("Blank")]

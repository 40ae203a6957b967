"""Blank forms lie in drawers: their numbers are drawn by chance now."""

from django.db import migrations

from superfamilja.keys_by_chance import KeysByChance


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0004_a_paper_is_taken_out_of_the_folder"),
        ("billing", "0011_keys_by_chance"),
    ]

    operations = [KeysByChance("Blank")]

"""The rest of what a manager decides in a shop (R35)."""

from django.db import migrations

from superfamilja.accounts.second_person.held_guard import HeldAccountsWait


class Migration(migrations.Migration):
    dependencies = [("desk", "0008_keys_by_chance")]

    operations = [
        HeldAccountsWait("DayEnd", "closed_by", "closed_at"),
        HeldAccountsWait("Paper", "filed_by", "filed_at"),
        HeldAccountsWait("Letter", "posted_by", "posted_at"),
    ]

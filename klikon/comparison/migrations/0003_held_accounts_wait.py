from django.db import migrations

from superfamilja.accounts.second_person.held_guard import HeldAccountsWait


class Migration(migrations.Migration):
    dependencies = [
        ("comparison", "0002_nothing_is_written_while_halted"),
        ("accounts", "0007_two_administrators"),
    ]
    operations = [HeldAccountsWait("ComparedOrder", "confirmed_by", "confirmed_at")]

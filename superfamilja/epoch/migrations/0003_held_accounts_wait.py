from django.db import migrations

from superfamilja.accounts.second_person.held_guard import HeldAccountsWait


class Migration(migrations.Migration):
    dependencies = [
        ("epoch", "0002_nothing_is_sent_while_halted"),
        ("accounts", "0007_two_administrators"),
    ]
    operations = [HeldAccountsWait("Halt", "ended_by", "ended_at")]

from django.db import migrations

from superfamilja.accounts.second_person.held_guard import HeldAccountsWait


class Migration(migrations.Migration):
    dependencies = [("incoming", "0001_initial"), ("accounts", "0007_two_administrators")]
    operations = [
        HeldAccountsWait("IncomingFile", "confirmed_by", "confirmed_at"),
        HeldAccountsWait("IncomingFile", "agreed_by", "agreed_at"),
    ]

from django.db import migrations

from superfamilja.accounts.second_person.held_guard import HeldAccountsWait


class Migration(migrations.Migration):
    dependencies = [
        ("provisioning", "0005_callbacks_for_unknown_orders"),
        ("accounts", "0007_two_administrators"),
    ]
    operations = [HeldAccountsWait("OrderEvent", "actor", "at")]

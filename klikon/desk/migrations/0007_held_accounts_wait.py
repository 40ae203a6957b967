from django.db import migrations

from superfamilja.accounts.second_person.held_guard import HeldAccountsWait


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0006_own_code_and_identity"),
        ("accounts", "0007_two_administrators"),
    ]
    # A request that was sent to the manager comes into force by a second person's word.
    operations = [
        HeldAccountsWait("Draft", "done_by", "done_at", when="NEW.sent_by_id IS NOT NULL"),
    ]

from django.db import migrations

from superfamilja.accounts.second_person.held_guard import HeldAccountsWait


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0011_what_the_customer_reads"),
        ("accounts", "0007_two_administrators"),
    ]
    operations = [
        HeldAccountsWait("BillMonth", "closed_by", "closed_at"),
        HeldAccountsWait("BillMonth", "approved_by", "approved_at"),
        HeldAccountsWait("Credit", "author", "credited_at"),
        HeldAccountsWait("Reversal", "actor", "reversed_at"),
        HeldAccountsWait("ParkedEntry", "proposed_by", "proposed_at"),
        HeldAccountsWait("ParkedEntry", "resolved_by", "resolved_at"),
    ]

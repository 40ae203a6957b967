from django.db import migrations

from superfamilja.data.append_only import WrittenOnce


class Migration(migrations.Migration):
    dependencies = [("groups", "0001_initial")]
    operations = [
        WrittenOnce("Group", set_once=["closed_on"]),
        WrittenOnce("Membership", set_once=["left_on"]),
        WrittenOnce("TermsVersion"),
        WrittenOnce("TermsBinding"),
        WrittenOnce("ContractEvent"),
        WrittenOnce("GroupEvent"),
        WrittenOnce("MembershipEvent"),
    ]

from django.db import migrations

from superfamilja.data.append_only import WrittenOnce


class Migration(migrations.Migration):
    dependencies = [("crm", "0001_initial")]
    operations = [WrittenOnce("CrmEvent")]

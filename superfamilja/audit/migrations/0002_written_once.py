from django.db import migrations

from superfamilja.data.append_only import WrittenOnce


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [WrittenOnce("Act")]

from django.db import migrations

from superfamilja.data.append_only import WrittenOnce


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0003_what_a_paper_is_about'),
    ]

    operations = [
        # A paper whose scan is taken back is not filed any more until the right one is scanned.
        WrittenOnce("Paper", set_once=["voided_at"], undone=["filed_at", "filed_by_id"]),
    ]

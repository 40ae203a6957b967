from django.db import migrations

from superfamilja.data.append_only import WrittenOnce


class Migration(migrations.Migration):
    dependencies = [("klikon", "0001_initial")]
    operations = [
        WrittenOnce("Package", free=["on_sale_until"]),
        WrittenOnce("Declaration"),
        WrittenOnce("LeaderAssignment", set_once=["ended_at", "ended_reason"]),
        WrittenOnce("LeaderFreeze", set_once=["ended_at", "ended_by_id"]),
        WrittenOnce("Activation"),
        WrittenOnce("RefusedActivation"),
        migrations.RunSQL(
            "CREATE SEQUENCE klikon_reference", "DROP SEQUENCE klikon_reference"
        ),
    ]

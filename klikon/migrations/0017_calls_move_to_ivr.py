"""Calls belong to ivr: the tables stay, and the permissions on them move along."""

from django.db import migrations

from superfamilja.data.moved_models import move_permissions

MODELS = ["CallerLanguage", "PhoneCall"]


class Migration(migrations.Migration):
    dependencies = [
        ("klikon", "0016_keys_by_chance"),
        ("ivr", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.DeleteModel(model) for model in MODELS]
        ),
        move_permissions(MODELS, source="klikon", target="ivr"),
    ]

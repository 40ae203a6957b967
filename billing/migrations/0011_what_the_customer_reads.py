"""A credit carries the sentence that the customer reads; those of before get the neutral one."""

from django.db import migrations, models

from superfamilja.data.append_only import WrittenOnce

SENTENCES = [
    ("correction", "Correction of an earlier charge"),
    ("not_received", "The package was not received"),
    ("not_asked_for", "The package was not asked for"),
    ("wrong_amount", "The amount was not right"),
    ("taken_back", "The charge was taken back"),
    ("goodwill", "Given back in goodwill"),
]


class Migration(migrations.Migration):
    dependencies = [("billing", "0010_questions_and_complaints")]
    operations = [
        migrations.AddField(
            model_name="credit",
            name="told",
            field=models.CharField(
                choices=SENTENCES,
                db_default="correction",
                default="correction",
                max_length=20,
                verbose_name="what the customer reads",
            ),
        ),
        migrations.AddConstraint(
            model_name="credit",
            constraint=models.CheckConstraint(
                condition=models.Q(("told__in", [value for value, _label in SENTENCES])),
                name="credit_told_known",
            ),
        ),
        WrittenOnce("Credit"),
    ]

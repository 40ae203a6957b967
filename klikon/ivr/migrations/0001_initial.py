"""Calls belong to ivr; their tables, which klikon made, keep their names."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("groups", "0012_personal_number_tries"),
        ("klikon", "0016_keys_by_chance"),
    ]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="CallerLanguage",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "msisdn",
                            models.CharField(
                                max_length=16, unique=True, verbose_name="mobile number"
                            ),
                        ),
                        ("language", models.CharField(max_length=2, verbose_name="language")),
                    ],
                    options={
                        "verbose_name": "language of a caller",
                        "verbose_name_plural": "languages of callers",
                        "db_table": "klikon_callerlanguage",
                        "default_permissions": (),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("language__in", ["sq", "en"])),
                                name="caller_language_known",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PhoneCall",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "adapter",
                            models.CharField(
                                choices=[
                                    ("sip", "embedded SIP"),
                                    ("fastagi", "carrier's Asterisk"),
                                    ("handset", "phone on the page"),
                                ],
                                max_length=10,
                                verbose_name="way in",
                            ),
                        ),
                        ("call_id", models.CharField(max_length=64)),
                        (
                            "caller",
                            models.CharField(blank=True, max_length=16, verbose_name="calls from"),
                        ),
                        ("began_at", models.DateTimeField(verbose_name="began at")),
                        (
                            "ended_at",
                            models.DateTimeField(blank=True, null=True, verbose_name="until"),
                        ),
                        (
                            "language",
                            models.CharField(default="sq", max_length=2, verbose_name="language"),
                        ),
                        (
                            "path",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=20),
                                default=list,
                                size=None,
                                verbose_name="path",
                            ),
                        ),
                        (
                            "left_at",
                            models.CharField(blank=True, max_length=20, verbose_name="left at"),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("informed", "informed"),
                                    ("activated", "activated"),
                                    ("waiting", "waits for the Fixed Leader"),
                                    ("refused", "refused"),
                                    ("frozen", "stopped by the Fixed Leader"),
                                ],
                                default="informed",
                                max_length=10,
                                verbose_name="outcome",
                            ),
                        ),
                        (
                            "refusal",
                            models.CharField(blank=True, max_length=40, verbose_name="refusal"),
                        ),
                        (
                            "end",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("finished", "to the end"),
                                    ("hung_up", "hung up"),
                                    ("failed", "our failure"),
                                ],
                                max_length=10,
                                verbose_name="how it ended",
                            ),
                        ),
                        (
                            "contract",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="phone_calls",
                                to="groups.contract",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "call to 130",
                        "verbose_name_plural": "calls to 130",
                        "db_table": "klikon_phonecall",
                        "default_permissions": ("view",),
                        "indexes": [
                            models.Index(
                                fields=["contract", "-began_at"], name="phone_call_of_contract"
                            ),
                            models.Index(fields=["-began_at"], name="phone_call_newest"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("adapter", "call_id"), name="phone_call_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("end", ""), ("ended_at", None)),
                                    models.Q(
                                        ("end__in", ["finished", "hung_up", "failed"]),
                                        ("ended_at__gte", models.F("began_at")),
                                    ),
                                    _connector="OR",
                                ),
                                name="phone_call_ends_after_it_began",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "outcome__in",
                                        ["informed", "activated", "waiting", "refused", "frozen"],
                                    )
                                ),
                                name="phone_call_outcome_known",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]

"""Version 1: the operator's page of 14 May 2020, word for word, with its parameters."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import migrations

TEXTS = Path(__file__).resolve().parent.parent / "terms_texts"


def publish_version_1(apps: Any, _schema_editor: Any) -> None:
    apps.get_model("groups", "TermsVersion").objects.create(
        number=1,
        published_at=datetime(2020, 5, 14, tzinfo=ZoneInfo("Europe/Tirane")),
        text_sq=(TEXTS / "v1.sq.txt").read_text(encoding="utf-8"),
        text_en=(TEXTS / "v1.en.txt").read_text(encoding="utf-8"),
        cap_lek=6500,
        discount_lek=200,
        smallest_list_price_lek=700,
        members_max=4,
        allowed_plans=["standard_prepaid", "super_riniring"],
        channels=["ivr", "web", "store", "staff", "api"],
        notice_days=30,
        repeat_hours=24,
    )


class Migration(migrations.Migration):
    dependencies = [("groups", "0002_written_once")]
    operations = [migrations.RunPython(publish_version_1, migrations.RunPython.noop)]

"""Codes and names of packages hold no letter that nobody sees."""

from typing import Any

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations

from superfamilja.data.append_only import WrittenOnce
from superfamilja.data.clean_text import CleanText, only_cleaned
from superfamilja.data.text_repair import unclean, validate

CONSTRAINTS = {
    "package": CleanText(
        lines=["name"], codes=["code", "sms_code"], name="package_texts_clean"
    ),
    "promotion": CleanText(codes=["package_code"], name="promotion_texts_clean"),
}


def repair(apps: Any, _schema_editor: Any) -> None:
    """Clean what was stored before; what cannot be stays, and `normalise_texts` names it."""
    for name, constraint in CONSTRAINTS.items():
        for row in list(unclean(apps.get_model("klikon", name), constraint)):
            if row.now:
                row.repair()


def vouch(apps: Any, _schema_editor: Any) -> None:
    for name, constraint in CONSTRAINTS.items():
        validate(apps.get_model("klikon", name), constraint)


class Migration(migrations.Migration):
    dependencies = [("klikon", "0012_wrong_prices")]
    operations = [
        WrittenOnce(
            "Package", free=["on_sale_until", "list_price_lek", "name", "code", "sms_code"]
        ),
        WrittenOnce("Promotion", free=["valid_to", "package_code"]),
        *(
            migrations.RunSQL(*only_cleaned(f"klikon_{name}", constraint))
            for name, constraint in CONSTRAINTS.items()
        ),
        migrations.RunPython(repair, migrations.RunPython.noop),
        *(AddConstraintNotValid(name, constraint) for name, constraint in CONSTRAINTS.items()),
        migrations.RunPython(vouch, migrations.RunPython.noop),
    ]

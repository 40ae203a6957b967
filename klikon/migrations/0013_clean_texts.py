"""Codes and names of packages hold no letter that nobody sees."""

from typing import Any

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations

from superfamilja.clean_text import CleanText
from superfamilja.text_repair import unclean, validate

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
        migrations.RunPython(repair, migrations.RunPython.noop),
        *(AddConstraintNotValid(name, constraint) for name, constraint in CONSTRAINTS.items()),
        migrations.RunPython(vouch, migrations.RunPython.noop),
    ]

"""Numbers and names hold no letter that nobody sees; those of before are cleaned."""

from typing import Any

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations

from superfamilja.data.append_only import WrittenOnce
from superfamilja.data.clean_text import CleanText, only_cleaned
from superfamilja.data.text_repair import unclean, validate

# What the payer calls a member is theirs to change; the name changes by cleaning alone.
NAME = CleanText(lines=["name"], name="only_cleaned")
CONSTRAINTS = {
    "contract": CleanText(
        lines=["owner_name", "service_address"],
        codes=["number", "store_code"],
        name="contract_texts_clean",
    ),
    "membership": CleanText(lines=["name", "called"], name="membership_texts_clean"),
}


def repair(apps: Any, _schema_editor: Any) -> None:
    """Clean what was stored before; what cannot be stays, and `normalise_texts` names it."""
    for name, constraint in CONSTRAINTS.items():
        for row in list(unclean(apps.get_model("groups", name), constraint)):
            if row.now:
                row.repair()


def vouch(apps: Any, _schema_editor: Any) -> None:
    for name, constraint in CONSTRAINTS.items():
        validate(apps.get_model("groups", name), constraint)


class Migration(migrations.Migration):
    dependencies = [("groups", "0008_names_he_gives")]
    operations = [
        WrittenOnce("Membership", set_once=["left_on"], free=["called", "name"]),
        migrations.RunSQL(*only_cleaned("groups_membership", NAME)),
        migrations.RunPython(repair, migrations.RunPython.noop),
        *(AddConstraintNotValid(name, constraint) for name, constraint in CONSTRAINTS.items()),
        migrations.RunPython(vouch, migrations.RunPython.noop),
    ]

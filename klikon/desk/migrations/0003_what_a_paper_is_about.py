import django.db.models.deletion
from django.db import migrations, models

from superfamilja.data.append_only import WrittenOnce

# A letter was about a Declaration until now; its paper is the one that was signed for it.
_BY_PAPER = """
UPDATE desk_letter l SET paper_id = p.id, member_id = d.member_id
FROM klikon_declaration d, desk_draft r, desk_paper p
WHERE d.id = l.declaration_id AND r.declaration_id = d.id AND p.draft_id = r.id
  AND p.voided_at IS NULL;
SET CONSTRAINTS ALL IMMEDIATE
"""


def _to(model: str, **how: object) -> models.ForeignKey:
    on_delete = django.db.models.deletion.PROTECT
    return models.ForeignKey(to=model, on_delete=on_delete, related_name="+", **how)


def _paper(**how: object) -> models.OneToOneField:
    on_delete = django.db.models.deletion.PROTECT
    return models.OneToOneField(
        to="desk.paper", on_delete=on_delete, related_name="letter", **how
    )


class Migration(migrations.Migration):

    dependencies = [
        ("desk", "0002_who_typed_and_one_of_a_kind"),
        ("groups", "0008_names_he_gives"),
    ]

    operations = [
        migrations.RenameField("draft", "typed_by", "handled_by"),
        migrations.AddField("paper", "stands_on", models.JSONField(null=True)),
        migrations.AddField("letter", "paper", _paper(null=True)),
        migrations.AddField("letter", "member", _to("groups.membership", null=True)),
        migrations.RunSQL(_BY_PAPER, migrations.RunSQL.noop),
        migrations.AlterField("letter", "paper", _paper()),
        migrations.AlterField("letter", "member", _to("groups.membership")),
        migrations.RemoveField("letter", "declaration"),
        # The triggers go by the columns.
        WrittenOnce("Paper", set_once=["voided_at", "filed_at", "filed_by_id"]),
        WrittenOnce("Letter", set_once=["posted_at", "posted_by_id"]),
    ]

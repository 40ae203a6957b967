import json
import re

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils.crypto import salted_hmac

from superfamilja.data.append_only import WrittenOnce

_READ_FROM = ("who", "document", "document_number", "proxy_name", "proxy_number", "proxy_date")


def _forget_personal_numbers(apps, _schema_editor):
    """The typed personal number goes. That it was right stays, for requests that were checked."""
    drafts = apps.get_model("desk", "Draft").objects.select_related("contract")
    for draft in drafts.filter(typed__has_key="personal_number").iterator():
        typed = re.sub(r"[\s.\-]", "", draft.typed.pop("personal_number")).upper()
        if draft.is_checked and typed == draft.contract.owner_nid:
            read = [typed, *(draft.typed.get(name, "").strip() for name in _READ_FROM)]
            draft.identified_as = salted_hmac(
                "klikon.desk.identity", json.dumps(read), algorithm="sha256"
            ).hexdigest()
        draft.save(update_fields=["typed", "identified_as"])


# Somebody went by these scans before QR codes were read; the others need a second person's word.
_EARLIER = """
UPDATE desk_scan s SET code = 'earlier'
FROM desk_paper p JOIN desk_draft d ON d.id = p.draft_id
WHERE p.id = s.paper_id
  AND (p.filed_at IS NOT NULL OR (d.state = 'done' AND d.sent_by_id IS NOT NULL));
SET CONSTRAINTS ALL IMMEDIATE
"""
_ONLY_PROVEN = """
CREATE FUNCTION desk_has_proven_scan(paper bigint) RETURNS boolean LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM desk_scan WHERE paper_id = paper AND withdrawn_at IS NULL
                   AND (code <> 'missing' OR vouched_at IS NOT NULL))
$$;
CREATE FUNCTION desk_filed_with_proven_scan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT desk_has_proven_scan(NEW.id) THEN
        RAISE EXCEPTION 'a paper is filed with a scan that is known to be its own'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION desk_approved_by_proven_scan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM desk_paper WHERE draft_id = NEW.id AND voided_at IS NULL
                   AND desk_has_proven_scan(id)) THEN
        RAISE EXCEPTION 'nobody approves by a scan that is not known to be of its own paper'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION desk_scan_is_read() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'scans are read now' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER desk_filed_with_proven_scan BEFORE UPDATE ON desk_paper FOR EACH ROW
    WHEN (OLD.filed_at IS NULL AND NEW.filed_at IS NOT NULL)
    EXECUTE FUNCTION desk_filed_with_proven_scan();
CREATE TRIGGER desk_approved_by_proven_scan BEFORE UPDATE ON desk_draft FOR EACH ROW
    WHEN (OLD.state <> 'done' AND NEW.state = 'done' AND NEW.sent_by_id IS NOT NULL)
    EXECUTE FUNCTION desk_approved_by_proven_scan();
CREATE TRIGGER desk_scan_is_read BEFORE INSERT ON desk_scan FOR EACH ROW
    WHEN (NEW.code = 'earlier') EXECUTE FUNCTION desk_scan_is_read();
"""
_ANY = """
DROP TRIGGER desk_filed_with_proven_scan ON desk_paper;
DROP TRIGGER desk_approved_by_proven_scan ON desk_draft;
DROP TRIGGER desk_scan_is_read ON desk_scan;
DROP FUNCTION desk_filed_with_proven_scan, desk_approved_by_proven_scan, desk_scan_is_read,
    desk_has_proven_scan;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_a_person_has_stores'),
        ('desk', '0005_letters_of_online_declarations'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='blank',
            name='seal',
            field=models.CharField(blank=True, db_default='', default='', max_length=16),
        ),
        migrations.AddField(
            model_name='draft',
            name='identified_as',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='paper',
            name='seal',
            field=models.CharField(blank=True, db_default='', default='', max_length=16),
        ),
        migrations.AddField(
            model_name='scan',
            name='code',
            field=models.CharField(choices=[('own', 'the QR code of this paper'), ('missing', 'no QR code of ours'), ('earlier', 'kept before QR codes were read')], default='missing', max_length=10),
        ),
        migrations.AddField(
            model_name='scan',
            name='vouched_at',
            field=models.DateTimeField(null=True, verbose_name='vouched for at'),
        ),
        migrations.AddField(
            model_name='scan',
            name='vouched_because',
            field=models.CharField(max_length=500, null=True, verbose_name='why it has no QR code'),
        ),
        migrations.AddField(
            model_name='scan',
            name='vouched_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.RunPython(_forget_personal_numbers, migrations.RunPython.noop),
        migrations.RunSQL(_EARLIER, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='blank',
            constraint=models.UniqueConstraint(condition=models.Q(('seal', ''), _negated=True), fields=('seal',), name='blank_seal_once'),
        ),
        migrations.AddConstraint(
            model_name='paper',
            constraint=models.UniqueConstraint(condition=models.Q(('seal', ''), _negated=True), fields=('seal',), name='paper_seal_once'),
        ),
        migrations.AddConstraint(
            model_name='scan',
            constraint=models.CheckConstraint(condition=models.Q(('code__in', ['own', 'missing', 'earlier'])), name='scan_code_known'),
        ),
        migrations.AddConstraint(
            model_name='scan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('vouched_at', None), ('vouched_because', None), ('vouched_by', None)), models.Q(('code', 'missing'), ('vouched_at__isnull', False), ('vouched_by__isnull', False), models.Q(('vouched_because', ''), _negated=True), ('vouched_because__isnull', False), models.Q(('vouched_by', models.F('scanned_by')), _negated=True)), _connector='OR'), name='scan_vouched_for_by_another'),
        ),
        # The triggers go by the columns.
        WrittenOnce(
            "Draft",
            set_once=["done_at", "done_by_id", "declaration_id"],
            free=[
                "typed", "version", "is_checked", "identified_as", "state", "changed_by_id",
                "changed_at", "code_pk", "code_sent_at", "sent_by_id", "sent_at",
                "returned_because",
            ],
        ),
        WrittenOnce("Blank"),
        WrittenOnce("Paper", set_once=["voided_at"], undone=["filed_at", "filed_by_id"]),
        WrittenOnce(
            "Scan",
            set_once=[
                "withdrawn_at", "withdrawn_by_id", "vouched_at", "vouched_by_id",
                "vouched_because",
            ],
        ),
        migrations.RunSQL(_ONLY_PROVEN, _ANY),
    ]

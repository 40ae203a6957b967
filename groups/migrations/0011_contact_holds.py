import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from superfamilja.data.append_only import WrittenOnce

# R31 binds the changes of the days before it came, too: what staff set, and what the CRM told.
CHANGES_OF_LATE = """
INSERT INTO groups_contacthold (contract_id, before, after, cause, began_at, until)
SELECT DISTINCT ON (contract_id) contract_id, before, after, cause, began_at,
       began_at + interval '72 hours'
FROM (SELECT h.contract_id, h.before, h.after, 'second_person' AS cause, h.changed_at AS began_at
      FROM groups_contactchange h JOIN groups_contract c ON c.id = h.contract_id
      WHERE h.changed_by_id IS NOT NULL AND h.after = c.contact_msisdn
      UNION ALL
      SELECT c.id, e.contact_msisdn, c.contact_msisdn, 'crm', e.pgh_created_at
      FROM groups_contractevent e JOIN groups_contract c ON c.id = e.pgh_obj_id
      WHERE e.contact_msisdn <> c.contact_msisdn AND NOT EXISTS (
          SELECT FROM groups_contactchange h
          WHERE h.contract_id = c.id AND h.after = c.contact_msisdn)) told
WHERE began_at > now() - interval '30 days'
ORDER BY contract_id, began_at DESC
"""


class Migration(migrations.Migration):

    dependencies = [
        ('groups', '0010_moments_and_shortest_validity'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ContactHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.CharField(max_length=16, verbose_name='number before')),
                ('after', models.CharField(max_length=16, verbose_name='new number')),
                ('cause', models.CharField(choices=[('second_person', 'by a paper that a second person saw'), ('crm', 'told by the CRM')], max_length=20, verbose_name='how it changed')),
                ('began_at', models.DateTimeField(verbose_name='changed at')),
                ('until', models.DateTimeField(verbose_name='until')),
                ('disputed_at', models.DateTimeField(blank=True, null=True, verbose_name='said to be wrong at')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                ('contract', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='contact_holds', to='groups.contract')),
                ('disputed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'hold after a change of the contact mobile',
                'verbose_name_plural': 'holds after changes of contact mobiles',
                'default_permissions': (),
                'indexes': [models.Index(fields=['contract', '-began_at'], name='contact_hold_of_contract')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('contract',), name='contact_hold_one_a_contract'), models.CheckConstraint(condition=models.Q(('until__gt', models.F('began_at'))), name='contact_hold_lasts'), models.CheckConstraint(condition=models.Q(('cause__in', ['second_person', 'crm'])), name='contact_hold_cause_known')],
            },
        ),
        WrittenOnce('ContactHold', set_once=['disputed_at', 'disputed_by_id', 'ended_at']),
        migrations.RunSQL(CHANGES_OF_LATE, migrations.RunSQL.noop),
    ]

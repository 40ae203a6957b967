"""What left part by part, its receipts, and what becomes of a message of which nobody answered."""

import django.db.models.deletion
from django.db import migrations, models

from superfamilja.data.append_only import WrittenOnce

# A message of unknown outcome is found by its receipt, given up, or sent again by a person.
STATES = """
DROP TRIGGER message_ends_once ON outbox_outgoingmessage;
CREATE TRIGGER message_ends_once BEFORE UPDATE OF state ON outbox_outgoingmessage FOR EACH ROW
    WHEN (OLD.state NOT IN ('queued', 'unknown') AND OLD.state <> NEW.state)
    EXECUTE FUNCTION message_ends_once();
CREATE FUNCTION message_delivered_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'message % was delivered', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER message_delivered_once BEFORE UPDATE OF delivery ON outbox_outgoingmessage
    FOR EACH ROW WHEN (OLD.delivery = 'delivered' AND NEW.delivery <> 'delivered')
    EXECUTE FUNCTION message_delivered_once();
"""
UNDO_STATES = """
DROP TRIGGER message_delivered_once ON outbox_outgoingmessage;
DROP FUNCTION message_delivered_once();
DROP TRIGGER message_ends_once ON outbox_outgoingmessage;
CREATE TRIGGER message_ends_once BEFORE UPDATE OF state ON outbox_outgoingmessage FOR EACH ROW
    WHEN (OLD.state <> 'queued' AND OLD.state <> NEW.state) EXECUTE FUNCTION message_ends_once();
"""
# R36: while the database stands still, nothing leaves it.
GUARD = """
CREATE TRIGGER refuse_while_halted BEFORE INSERT OR UPDATE ON outbox_submittedpart
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_halted();
"""
UNDO_GUARD = "DROP TRIGGER refuse_while_halted ON outbox_submittedpart;"


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0004_keys_at_the_gateway'),
        ('epoch', '0002_nothing_is_sent_while_halted'),
    ]

    operations = [
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('received_at', models.DateTimeField(verbose_name='received')),
                ('recipient', models.CharField(max_length=21, verbose_name='mobile number')),
                ('centre_id', models.CharField(max_length=65, verbose_name='id at the centre')),
                ('centre_key', models.CharField(editable=False, max_length=65)),
                ('said', models.CharField(max_length=20, verbose_name='said')),
                ('error', models.CharField(blank=True, max_length=20, verbose_name='error')),
                ('delivery', models.CharField(blank=True, choices=[('delivered', 'delivered'), ('expired', 'expired at the operator'), ('rejected', 'rejected'), ('unknown', 'unknown to the operator')], max_length=10, verbose_name='delivery')),
            ],
            options={
                'verbose_name': 'receipt of an SMS',
                'verbose_name_plural': 'receipts of SMS',
                'ordering': ('pk',),
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='SubmittedPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('part', models.PositiveSmallIntegerField(verbose_name='part')),
                ('parts', models.PositiveSmallIntegerField(verbose_name='parts')),
                ('submitted_at', models.DateTimeField(verbose_name='sent')),
                ('way', models.CharField(max_length=60, verbose_name='way')),
                ('silent_at', models.DateTimeField(blank=True, null=True, verbose_name='no answer since')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                ('status', models.BigIntegerField(blank=True, null=True, verbose_name='answer')),
                ('centre_id', models.CharField(blank=True, max_length=65, null=True, verbose_name='id at the centre')),
                ('centre_key', models.CharField(blank=True, editable=False, max_length=65, null=True)),
                ('delivery', models.CharField(blank=True, choices=[('delivered', 'delivered'), ('expired', 'expired at the operator'), ('rejected', 'rejected'), ('unknown', 'unknown to the operator')], max_length=10, null=True, verbose_name='delivery')),
            ],
            options={
                'verbose_name': 'part of an SMS',
                'verbose_name_plural': 'parts of SMS',
                'ordering': ('pk',),
                'default_permissions': (),
            },
        ),
        migrations.RemoveConstraint(
            model_name='outgoingmessage',
            name='message_state_known',
        ),
        migrations.AddField(
            model_name='outgoingmessage',
            name='delivery',
            field=models.CharField(blank=True, choices=[('delivered', 'delivered'), ('expired', 'expired at the operator'), ('rejected', 'rejected'), ('unknown', 'unknown to the operator')], db_default='', default='', max_length=10, verbose_name='delivery'),
        ),
        migrations.AddField(
            model_name='outgoingmessage',
            name='need',
            field=models.PositiveSmallIntegerField(choices=[(0, 'codes and stops'), (1, 'receipts of money'), (2, 'other messages')], db_default=2, default=2, verbose_name='order of need'),
        ),
        migrations.AlterField(
            model_name='outgoingmessage',
            name='state',
            field=models.CharField(choices=[('queued', 'waiting'), ('sent', 'handed over'), ('failed', 'failed'), ('unknown', 'unknown: no answer')], default='queued', max_length=10, verbose_name='state'),
        ),
        migrations.AddIndex(
            model_name='outgoingmessage',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['need', 'next_attempt_at', 'id'], name='message_by_need'),
        ),
        migrations.AddIndex(
            model_name='outgoingmessage',
            index=models.Index(condition=models.Q(('delivery', ''), ('state', 'sent')), fields=['sent_at'], name='message_without_receipt'),
        ),
        migrations.AddIndex(
            model_name='outgoingmessage',
            index=models.Index(condition=models.Q(('state', 'unknown')), fields=['id'], name='message_never_answered'),
        ),
        migrations.AddConstraint(
            model_name='outgoingmessage',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'sent', 'failed', 'unknown'])), name='message_state_known'),
        ),
        migrations.AddConstraint(
            model_name='outgoingmessage',
            constraint=models.CheckConstraint(condition=models.Q(('delivery__in', ['', 'delivered', 'expired', 'rejected', 'unknown'])), name='message_delivery_known'),
        ),
        migrations.AddConstraint(
            model_name='outgoingmessage',
            constraint=models.CheckConstraint(condition=models.Q(('need__in', [0, 1, 2])), name='message_need_known'),
        ),
        migrations.AddField(
            model_name='submittedpart',
            name='message',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='submitted_parts', to='outbox.outgoingmessage'),
        ),
        migrations.AddField(
            model_name='receipt',
            name='submitted_part',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='outbox.submittedpart'),
        ),
        migrations.AddIndex(
            model_name='submittedpart',
            index=models.Index(condition=models.Q(('centre_key__isnull', False)), fields=['centre_key'], name='part_by_centre_key'),
        ),
        migrations.AddIndex(
            model_name='submittedpart',
            index=models.Index(condition=models.Q(('answered_at', None)), fields=['submitted_at'], name='part_unanswered'),
        ),
        migrations.AddConstraint(
            model_name='submittedpart',
            constraint=models.CheckConstraint(condition=models.Q(('part__gte', 1), ('part__lte', models.F('parts'))), name='part_of_its_parts'),
        ),
        migrations.AddConstraint(
            model_name='submittedpart',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('status', None)), models.Q(('answered_at__isnull', False), ('status__isnull', False)), _connector='OR'), name='part_answered_with_a_status'),
        ),
        migrations.AddConstraint(
            model_name='submittedpart',
            constraint=models.CheckConstraint(condition=models.Q(('delivery', None), ('delivery__in', ['delivered', 'expired', 'rejected', 'unknown']), _connector='OR'), name='part_delivery_known'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.UniqueConstraint(condition=models.Q(('submitted_part', None)), fields=('recipient', 'centre_key', 'said'), name='receipt_without_part_once'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.UniqueConstraint(fields=('submitted_part', 'said'), name='receipt_of_part_once'),
        ),
        migrations.AddConstraint(
            model_name='receipt',
            constraint=models.CheckConstraint(condition=models.Q(('delivery__in', ['', 'delivered', 'expired', 'rejected', 'unknown'])), name='receipt_delivery_known'),
        ),
        WrittenOnce(
            "OutgoingMessage",
            set_once=["segments", "sent_at"],
            # Parameters and text are guarded by message_says_once.
            free=[
                "state",
                "attempts",
                "next_attempt_at",
                "last_error",
                "parameters",
                "text",
                "delivery",
            ],
        ),
        WrittenOnce(
            "SubmittedPart",
            set_once=[
                "silent_at",
                "answered_at",
                "status",
                "centre_id",
                "centre_key",
                "delivery",
            ],
        ),
        WrittenOnce("Receipt", set_once=["submitted_part_id"]),
        migrations.RunSQL(STATES, UNDO_STATES),
        migrations.RunSQL(GUARD, UNDO_GUARD),
    ]

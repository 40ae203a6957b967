"""Store the epochs of this database, the marks that it shares with the outside, and its halts."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class HaltReason(models.TextChoices):
    """How the database and its mark outside disagree."""

    OTHER_EPOCH = "other_epoch", _("it carries another epoch than its mark outside")
    RELOADED = "reloaded", _("it was loaded from a dump, or copied")
    OTHER_SERVER = "other_server", _("it stands on another database server")
    GONE_BACK = "gone_back", _("it does not know the last mark that was made outside")
    PROMOTED = "promoted", _("its server was restored to a moment, or a standby took over")
    NO_MARK = "no_mark", _("it has no mark outside: it is a copy, or the mark was lost")
    NO_EPOCH = "no_epoch", _("it has no epoch, and its mark outside has one")
    NEVER_BEGUN = "never_begun", _("it was in use before epochs were kept")


class Epoch(models.Model):
    """The database's life between two restores. The newest row is in force.

    `outside_before` is the epoch that the mark outside carried when this one began. A machine that
    still has that mark continues with this epoch.
    """

    token = models.CharField(max_length=32)
    previous = models.OneToOneField("self", models.PROTECT, null=True, related_name="next")
    outside_before = models.CharField(max_length=32, blank=True)
    mode = models.CharField(max_length=20)
    begun_at = models.DateTimeField(_("begun"))

    class Meta:
        verbose_name = _("epoch")
        verbose_name_plural = _("epochs")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["token"], name="epoch_token_once"),
            models.UniqueConstraint(
                fields=["previous"], nulls_distinct=False, name="epoch_follows_one"
            ),
        ]

    def __str__(self) -> str:
        return self.token[:8]


class EpochBirth(models.Model):
    """Where the row of an epoch was written: its transaction, table, database, server, timeline.

    A reloaded dump carries these values, but its rows stand elsewhere. Written once. Older epochs
    have no birth.
    """

    epoch = models.OneToOneField(Epoch, models.PROTECT, related_name="birth")
    xid = models.CharField(max_length=20)
    table_oid = models.BigIntegerField()
    database_oid = models.BigIntegerField()
    cluster = models.CharField(max_length=20)
    timeline = models.CharField(max_length=8)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.epoch} {self.timeline}"


class Mark(models.Model):
    """A moment that the outside has seen, too. A database without it has gone back."""

    token = models.CharField(max_length=32)
    written_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.pk}"


class Halt(models.Model):
    """A halt: while one is open, the portal does not sell, send or bill. Two people end it.

    `last_message` is the newest SMS at that moment; those that waited then were probably sent
    before. `send_waiting` is what the two people decided about them.
    """

    noticed_at = models.DateTimeField(_("noticed"))
    why = models.CharField(_("why"), max_length=20, choices=HaltReason)
    details = models.JSONField(_("details"), default=dict)
    last_message = models.BigIntegerField(default=0)
    proposed_at = models.DateTimeField(_("end proposed"), null=True, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(_("reason"), blank=True)
    send_waiting = models.BooleanField(_("waiting SMS are sent"), default=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("halt after a restore")
        verbose_name_plural = _("halts after a restore")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["ended_at"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="halt_one_open",
            ),
            models.CheckConstraint(
                condition=Q(why__in=HaltReason.values), name="halt_reason_known"
            ),
            # R36: a second person. Only a command begins the epoch of a database that was in use
            # before.
            models.CheckConstraint(
                condition=Q(ended_at=None)
                | Q(why="never_begun", ended_by__isnull=False)
                | Q(proposed_by__isnull=False, ended_by__isnull=False)
                & ~Q(proposed_by=F("ended_by")),
                name="halt_ended_by_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_why_display()}"

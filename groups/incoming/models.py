"""The register of files that came in, and what each would change."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groups.models import BaseImport
from superfamilja.accounts.models import User
from superfamilja.data.clean_text import CleanText


class FileKind(models.TextChoices):
    SUBSCRIBERS = "subscribers", _("subscriber file")
    CATALOGUE = "catalogue", _("catalogue")
    PROMOTIONS = "promotions", _("promotions")


class FileState(models.TextChoices):
    RECEIVED = "received", _("waits to be looked at")
    PREVIEWED = "previewed", _("waits for a yes")
    CONFIRMED = "confirmed", _("waits for a second person")
    READY = "ready", _("is being loaded")
    LOADED = "loaded", _("loaded")
    UNDOING = "undoing", _("is being undone")
    UNDONE = "undone", _("undone")
    REFUSED = "refused", _("refused")
    DISCARDED = "discarded", _("put aside")
    FAILED = "failed", _("failed")


# What the worker has to do something about.
FOR_THE_WORKER = (FileState.RECEIVED, FileState.READY, FileState.UNDOING)
# Of these the same file does not come in a second time.
HERE = (
    *FOR_THE_WORKER,
    FileState.PREVIEWED,
    FileState.CONFIRMED,
    FileState.LOADED,
    FileState.FAILED,
)


class IncomingFileQuerySet(models.QuerySet["IncomingFile"]):
    def here(self) -> Self:
        """Files that count: loaded, or on their way."""
        return self.filter(state__in=HERE)


class IncomingFile(models.Model):
    """One file that came in, by whom, what it would change, and what became of it.

    `figures` are the counts of its preview, and of its load once it is loaded. `step`, `done` and
    `total` say how far the worker is. `refusal` says in each language why it was not loaded.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=FileKind)
    name = models.CharField(_("name"), max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(_("bytes"))
    rows_said = models.PositiveIntegerField(_("rows that it should have"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"))
    received_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    state = models.CharField(_("state"), max_length=10, choices=FileState)
    step = models.CharField(max_length=10, blank=True, default="")
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    figures = models.JSONField(default=dict)
    needs_second = models.BooleanField(_("needs a second person"), default=False)
    previewed_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True, default="")
    agreed_at = models.DateTimeField(_("agreed to"), null=True, blank=True)
    agreed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    refusal = models.JSONField(null=True, blank=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    undo_reason = models.TextField(blank=True, default="")
    base_import = models.OneToOneField(
        BaseImport, models.PROTECT, null=True, blank=True, related_name="incoming_file"
    )

    objects = IncomingFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file that came in")
        verbose_name_plural = _("files that came in")
        default_permissions = ("view",)
        permissions = [("load_files", "Can send in, confirm, agree to, undo and put aside files")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=FileKind.values, state__in=FileState.values),
                name="incoming_kind_and_state_known",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="incoming_sha256"
            ),
            CleanText(lines=["name"], name="incoming_name_clean"),
            models.UniqueConstraint(
                fields=["kind", "sha256"],
                condition=Q(state__in=HERE),
                name="incoming_each_file_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("ready", "loaded"))
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="incoming_loaded_only_when_confirmed",
            ),
            # R35: two persons where the preview asks for them, and never the same one twice.
            models.CheckConstraint(
                condition=~Q(state__in=("ready", "loaded"))
                | Q(needs_second=False)
                | Q(agreed_by__isnull=False),
                name="incoming_second_person_where_needed",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by=None, agreed_at=None)
                | Q(agreed_by__isnull=False, agreed_at__isnull=False, confirmed_by__isnull=False)
                & ~Q(agreed_by=F("confirmed_by")),
                name="incoming_agreed_by_another",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(state__in=FOR_THE_WORKER),
                name="incoming_for_the_worker",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.sha256[:8]}"

    @property
    def is_running(self) -> bool:
        """Whether the worker has something to do here."""
        return self.state in FOR_THE_WORKER

    @property
    def look(self) -> str:
        """How the state is drawn: as done, wrong, over or waiting."""
        wrong = {FileState.REFUSED: "no", FileState.FAILED: "no"}
        over = {FileState.LOADED: "", FileState.DISCARDED: "plain", FileState.UNDONE: "plain"}
        return {**wrong, **over}.get(FileState(self.state), "wait")

    @property
    def percent(self) -> int:
        return min(100 * self.done // self.total, 100) if self.total else 0


class RowKind(models.TextChoices):
    NEW = "new", _("new contracts")
    CHANGED = "changed", _("changed contracts")
    OPENED = "opened", _("groups that open at known contracts")
    JOINED = "joined", _("members who join")
    LEFT = "left", _("members who leave")
    CLOSED = "closed", _("groups that close")
    ADDED = "added", _("new rows")
    ALTERED = "altered", _("changed rows")
    COMING = "coming", _("prices to come")
    REJECTED = "rejected", _("rejected rows")
    SUSPICIOUS = "suspicious", _("suspicious")


class PreviewedRow(models.Model):
    """One thing that a file would change, as its preview saw it; kept as long as the file is."""

    file = models.ForeignKey(
        IncomingFile, models.CASCADE, related_name="previewed_rows", db_index=False
    )
    kind = models.CharField(max_length=12, choices=RowKind)
    line = models.PositiveIntegerField()
    contract_number = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=40, blank=True)
    value = models.TextField(blank=True)
    other = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["file", "kind", "line"], name="previewed_rows_of_a_file")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.kind} {self.line}"

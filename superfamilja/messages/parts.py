"""What left the house, part by part, and what the other side said of it (ADR 0029).

A part is written down before it leaves, so that a process that dies in between leaves a trace: a
part without an answer may have arrived.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Delivery(models.TextChoices):
    """The end of a message, as its receipt says."""

    DELIVERED = "delivered", _("delivered")
    EXPIRED = "expired", _("expired at the operator")
    REJECTED = "rejected", _("rejected")
    UNKNOWN = "unknown", _("unknown to the operator")


class SubmittedPart(models.Model):
    """One part of a message, once on its way.

    `status` is the answer's (0: taken over), `centre_id` the id by which receipts name it, and
    `silent_at` when we stopped to wait for the answer. A receipt may still come.
    """

    message = models.ForeignKey("OutgoingMessage", models.PROTECT, related_name="submitted_parts")
    part = models.PositiveSmallIntegerField(_("part"))
    parts = models.PositiveSmallIntegerField(_("parts"))
    submitted_at = models.DateTimeField(_("sent"))
    way = models.CharField(_("way"), max_length=60)
    silent_at = models.DateTimeField(_("no answer since"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    status = models.BigIntegerField(_("answer"), null=True, blank=True)
    centre_id = models.CharField(_("id at the centre"), max_length=65, null=True, blank=True)
    centre_key = models.CharField(max_length=65, null=True, blank=True, editable=False)
    delivery = models.CharField(
        _("delivery"), max_length=10, choices=Delivery, null=True, blank=True
    )

    class Meta:
        verbose_name = _("part of an SMS")
        verbose_name_plural = _("parts of SMS")
        default_permissions = ()
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(part__gte=1, part__lte=models.F("parts")), name="part_of_its_parts"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, status=None)
                | Q(answered_at__isnull=False) & Q(status__isnull=False),
                name="part_answered_with_a_status",
            ),
            models.CheckConstraint(
                condition=Q(delivery=None) | Q(delivery__in=Delivery.values),
                name="part_delivery_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["centre_key"],
                condition=Q(centre_key__isnull=False),
                name="part_by_centre_key",
            ),
            models.Index(
                fields=["submitted_at"], condition=Q(answered_at=None), name="part_unanswered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.part}/{self.parts}"


class Receipt(models.Model):
    """What the other side reported of a part, once each. Its words are not kept: they may carry
    the text. `part` is empty while no part has its id."""

    received_at = models.DateTimeField(_("received"))
    recipient = models.CharField(_("mobile number"), max_length=21)
    centre_id = models.CharField(_("id at the centre"), max_length=65)
    centre_key = models.CharField(max_length=65, editable=False)
    said = models.CharField(_("said"), max_length=20)
    error = models.CharField(_("error"), max_length=20, blank=True)
    delivery = models.CharField(_("delivery"), max_length=10, choices=Delivery, blank=True)
    submitted_part = models.ForeignKey(
        SubmittedPart, models.PROTECT, null=True, blank=True, related_name="receipts"
    )

    class Meta:
        verbose_name = _("receipt of an SMS")
        verbose_name_plural = _("receipts of SMS")
        default_permissions = ("view",)
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "centre_key", "said"],
                condition=Q(submitted_part=None),
                name="receipt_without_part_once",
            ),
            models.UniqueConstraint(fields=["submitted_part", "said"], name="receipt_of_part_once"),
            models.CheckConstraint(
                condition=Q(delivery__in=["", *Delivery.values]), name="receipt_delivery_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.centre_id} {self.said}"

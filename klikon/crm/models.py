"""The register of what the CRM told by itself. Written once."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from superfamilja.values import phone


class CrmEventKind(models.TextChoices):
    SIM_SWAP = "sim_swap", _("SIM card changed")
    PORT_OUT = "port_out", _("number ported to another operator")
    REASSIGNED = "reassigned", _("number given to somebody else")
    SUSPENDED = "suspended", _("contract suspended")
    REACTIVATED = "reactivated", _("contract active again")


class CrmOutcome(models.TextChoices):
    LEADER_STOPPED = "leader_stopped", _("the Mobile Leader is stopped")
    STATUS_CHANGED = "status_changed", _("the contract is changed")
    NOTHING_TO_DO = "nothing_to_do", _("nothing to do")
    OVERTAKEN = "overtaken", _("a later event was here first")
    UNKNOWN = "unknown", _("not known here")


class CrmEvent(models.Model):
    """One event, once by its `key`; what it led to stands in `outcome`.

    One that we know nothing about is kept, too: somebody looks why the CRM told it.
    """

    key = models.CharField(max_length=100, unique=True)
    content_sha256 = models.CharField(max_length=64)
    kind = models.CharField(_("event"), max_length=12, choices=CrmEventKind)
    msisdn = models.CharField(_("mobile number"), max_length=16, blank=True)
    contract_number = models.CharField(_("contract"), max_length=40, blank=True)
    happened_at = models.DateTimeField(_("happened"))
    received_at = models.DateTimeField(_("told"))
    outcome = models.CharField(_("what it led to"), max_length=16, choices=CrmOutcome)

    class Meta:
        verbose_name = _("event of the CRM")
        verbose_name_plural = _("events of the CRM")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=CrmEventKind.values, outcome__in=CrmOutcome.values),
                name="crm_event_known",
            ),
            models.CheckConstraint(
                condition=Q(msisdn="") & ~Q(contract_number="")
                | ~Q(msisdn="") & Q(contract_number=""),
                name="crm_event_of_a_number_or_a_contract",
            ),
        ]
        indexes = [
            models.Index(fields=["-received_at"], name="crm_events_newest_first"),
            models.Index(
                fields=["contract_number", "-happened_at"],
                condition=~Q(contract_number=""),
                name="crm_events_of_a_contract",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"

    @property
    def about(self) -> str:
        """The contract, or the number with its middle hidden."""
        return self.contract_number or phone.masked(self.msisdn)

    @property
    def look(self) -> str:
        """How the outcome is drawn."""
        looks = {CrmOutcome.UNKNOWN: "no", CrmOutcome.OVERTAKEN: "plain"}
        return looks.get(CrmOutcome(self.outcome), "")

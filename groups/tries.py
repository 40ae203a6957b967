"""Store tries at a personal number: each takes one of three places before it is compared."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from superfamilja.accounts.models import User

MOST = 3


class TryEnd(models.TextChoices):
    RIGHT = "right", _("right")
    RELEASED = "released", _("let go on")
    OLD = "old", _("a day old")


class PersonalNumberTry(models.Model):
    """A typed personal number; the number itself is never stored.

    At a counter the try belongs to a contract, and everybody's tries share its three places. In the
    search there is no contract (None), and the person has three places. A try that is not ended is
    a wrong one that still counts. Rows are only added, and ended once.
    """

    contract = models.ForeignKey(
        "groups.Contract", models.PROTECT, null=True, related_name="personal_number_tries"
    )
    place = models.PositiveSmallIntegerField()
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    store_code = models.CharField(max_length=20, blank=True)
    tried_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_as = models.CharField(max_length=10, choices=TryEnd, null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        permissions = [
            ("release_tries", "Can let people go on after wrong personal numbers"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(place__gte=1, place__lte=MOST), name="personal_number_tried_three_times"
            ),
            models.UniqueConstraint(
                fields=["contract", "place"],
                condition=Q(ended_at=None, contract__isnull=False),
                name="personal_number_place_of_a_contract",
            ),
            models.UniqueConstraint(
                fields=["actor", "place"],
                condition=Q(ended_at=None, contract=None),
                name="personal_number_place_of_a_search",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_as=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_as__in=TryEnd.values),
                name="personal_number_try_ended_somehow",
            ),
            # Nobody may release themselves.
            models.CheckConstraint(
                condition=~Q(ended_as=TryEnd.RELEASED)
                | (Q(ended_by__isnull=False) & ~Q(ended_by=F("actor"))),
                name="personal_number_released_by_another",
            ),
        ]
        indexes = [
            models.Index(
                fields=["actor", "tried_at"],
                condition=Q(ended_at=None),
                name="personal_number_of_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tried_at:%Y-%m-%d %H:%M} {self.actor_id}"

"""What the fixed bill says of a month of Klik-ON, in the contract's language."""

from collections.abc import Mapping, Sequence

from django.db.models import Count
from django.utils.translation import ngettext, override

from billing.models import BillEntry, ChargeState
from klikon.models import Activation
from superfamilja import phone
from superfamilja.months import month_label


def describe(entries: Sequence[BillEntry]) -> Mapping[int, str]:
    """«Klik-ON 10/2026: 3 paketa, Lider Mobile ***567» for each entry; two queries a page.

    Counts the packages that were not reversed and names the Mobile Leader of the last one.
    """
    ids = [entry.pk for entry in entries]
    counted = dict(
        Activation.objects.filter(charge__entry__in=ids)
        .exclude(charge__state=ChargeState.REVERSED)
        .values_list("charge__entry")
        .annotate(Count("pk"))
    )
    leaders = dict(
        Activation.objects.filter(charge__entry__in=ids)
        .order_by("charge__entry", "-accepted_at", "-pk")
        .distinct("charge__entry")
        .values_list("charge__entry", "leader__msisdn")
    )
    return {
        entry.pk: _text(entry, counted.get(entry.pk, 0), leaders.get(entry.pk, ""))
        for entry in entries
    }


def _text(entry: BillEntry, packages: int, leader: str) -> str:
    with override(entry.contract.language):
        return ngettext(
            "Klik-ON %(month)s: %(packages)d package, Mobile Leader %(leader)s",
            "Klik-ON %(month)s: %(packages)d packages, Mobile Leader %(leader)s",
            packages,
        ) % {
            "month": month_label(entry.month),
            "packages": packages,
            "leader": phone.masked(leader) if leader else "–",
        }

"""Three stories to follow: how far each has come, and its next step. Reads only."""

from dataclasses import dataclass
from datetime import date, datetime

from billing.models import BillMonth, MonthState, ParkedEntry
from groups.models import Contract
from klikon.activation import quote
from klikon.demonstration.world import at_once, families, plan
from klikon.models import Activation, Channel
from klikon.provisioning.models import OrderState
from klikon.reading import overview
from klikon.reading.overview import ContractOverview
from superfamilja.messages.models import OutgoingMessage, State
from superfamilja.values.months import month_before, month_of


@dataclass(frozen=True)
class Dardha:
    """No leader yet: choose one, activate, three SMS, and the amount on the bill."""

    seen: ContractOverview
    activation: Activation | None
    sms: int
    bill_lek: int

    @property
    def told(self) -> bool:
        return self.sms >= 3


@dataclass(frozen=True)
class Dellinja:
    """5,800 Lek spent: a refused Super 1000, two calls at once, the puzzling charge."""

    seen: ContractOverview
    spent_lek: int
    refusal: str
    answers: list[at_once.AnswerAtOnce]
    puzzling: Activation

    @property
    def can_fire(self) -> bool:
        return self.seen.leader is not None and len(self.seen.members) > 2


@dataclass(frozen=True)
class LastMonth:
    """Last month: one failed, one unknown, one parked, and a month to approve."""

    month: date
    bill_month: BillMonth | None
    failed: Activation | None
    unknown: Activation | None
    parked: ParkedEntry | None

    @property
    def is_decided(self) -> bool:
        return self.unknown is not None and self.unknown.order.state in {
            OrderState.DONE,
            OrderState.FAILED,
        }

    @property
    def is_resolved(self) -> bool:
        return self.parked is not None and self.parked.resolution is not None

    @property
    def is_approved(self) -> bool:
        return self.bill_month is not None and self.bill_month.state == MonthState.APPROVED


def dardha(seen: ContractOverview, at: datetime) -> Dardha:
    month = month_of(at)
    activation = seen.contract.activations.filter(month=month).order_by("pk").first()
    sms = 0
    if activation:
        about = OutgoingMessage.objects.filter(about=activation.reference, state=State.SENT)
        sms = about.count()
    entry = overview.entry_of(seen.contract, month)
    return Dardha(seen, activation, sms, entry.total_lek if entry else 0)


def dellinja(seen: ContractOverview, puzzling: Activation, at: datetime) -> Dellinja:
    entry = overview.entry_of(seen.contract, month_of(at))
    return Dellinja(
        seen=seen,
        spent_lek=entry.spent if entry else 0,
        refusal=_what_super_1000_is_told(seen, at),
        answers=at_once.last(seen),
        puzzling=puzzling,
    )


def last_month(puzzling: Activation) -> LastMonth:
    """Return the month before the one in which the world was made."""
    month = month_before(puzzling.month)
    found = {
        activation.key: activation
        for activation in Activation.objects.filter(
            client=families.CLIENT, key__in=[plan.failed_key(month), plan.unknown_key(month)]
        ).select_related("order", "charge", "member")
    }
    return LastMonth(
        month=month,
        bill_month=BillMonth.objects.filter(month=month).first(),
        failed=found.get(plan.failed_key(month)),
        unknown=found.get(plan.unknown_key(month)),
        parked=ParkedEntry.objects.in_force().filter(month=month).order_by("pk").first(),
    )


def of_family(number: str, at: datetime) -> ContractOverview | None:
    contract = Contract.objects.filter(number=number).first()
    return overview.overview(contract, at) if contract else None


def _what_super_1000_is_told(seen: ContractOverview, at: datetime) -> str:
    """Return the activation's own refusal, asked beforehand, without activating anything."""
    if seen.leader is None or seen.group is None:
        return ""
    quoted = quote.quote(
        group=seen.group,
        leader=seen.leader.member.msisdn,
        member=seen.members[0],
        at=at,
        channel=Channel.IVR,
    )
    row = quoted.row("S1000")
    refusal = quoted.refusal or (row and row.refusal)
    return refusal.text() if refusal else ""

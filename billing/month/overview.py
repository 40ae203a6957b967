"""Show a month as billing sees it: each figure with its rows, against the month before."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q
from django.db.models.fields.json import KT
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.models import (
    BillEntry,
    BillMonth,
    CarriedCharge,
    Charge,
    CloseRequest,
    Credit,
    IssuedFile,
    MonthState,
    ParkedEntry,
)
from billing.month import close_requests, figures
from billing.month.figures import Figures
from billing.month.words import difference, shown_figure
from superfamilja.audit.models import Act
from superfamilja.values.lek import grouped
from superfamilja.values.months import month_before, month_number, month_of, next_month
from superfamilja.web.read_only import narrowed

PAGE = 12


@dataclass(frozen=True)
class Subject:
    """One line of the figures: its amount, its count, what is counted, and its rows."""

    label: str | Promise
    amount: str
    count: str
    many: Callable[[int], str]
    rows: Callable[[date], str]


def _of(model: type, **filters: str) -> Callable[[date], str]:
    """Return the address of a register's rows; {} in `filters` is the place of the month."""

    def address(month: date) -> str:
        return narrowed(model, **{k: v.format(f"{month:%Y-%m}") for k, v in filters.items()})

    return address


def _charges(number: int) -> str:
    return ngettext("%(number)s charge", "%(number)s charges", number)


def _entries(number: int) -> str:
    return ngettext("%(number)s entry", "%(number)s entries", number)


def _reversals(number: int) -> str:
    return ngettext("%(number)s reversal", "%(number)s reversals", number)


def _credits(number: int) -> str:
    return ngettext("%(number)s credit", "%(number)s credits", number)


def _activations(number: int) -> str:
    return ngettext("%(number)s activation", "%(number)s activations", number)


def _parked_of(month: date) -> str:
    return f"{reverse('parked_list')}?month={month_number(month)}"


SUBJECTS = (
    Subject(_("Total charged"), "charged_lek", "charges", _charges, _of(Charge, month="{}")),
    Subject(
        _("Activations, unreversed"),
        "",
        "activations",
        _activations,
        _of(Charge, month="{}", in_its_month="unreversed"),
    ),
    Subject(
        _("Reversed"),
        "reversed_lek",
        "reversals",
        _reversals,
        _of(Charge, month="{}", in_its_month="reversed"),
    ),
    Subject(_("Credited"), "credited_lek", "credits", _credits, _of(Credit, month="{}")),
    Subject(
        _("Carried to a later bill"),
        "carried_out_lek",
        "carried_out",
        _charges,
        _of(CarriedCharge, from_month="{}", withdrawn_at__isempty="1"),
    ),
    Subject(
        _("Carried in from earlier months"),
        "carried_in_lek",
        "carried_in",
        _charges,
        _of(CarriedCharge, into_month="{}"),
    ),
    Subject(_("On the parked entries"), "parked_lek", "parked", _entries, _parked_of),
    Subject(
        _("On the fixed bills"),
        "bills_lek",
        "entries",
        _entries,
        _of(BillEntry, month="{}", parked="no"),
    ),
)


@dataclass(frozen=True)
class Cell:
    """A figure in words: its amount, if it has one, its count, and the length of its bar."""

    amount: str
    count: str
    rows: str = ""
    bar: str = "0%"


@dataclass(frozen=True)
class FigureLine:
    label: str | Promise
    now: Cell
    before: Cell
    difference: Cell

    @property
    def is_money(self) -> bool:
        return bool(self.now.amount)


def lines(month: date, now: Figures, before: Figures) -> list[FigureLine]:
    """Return every figure of the month, of the month before, and the difference."""
    whole = max(
        [1, *(abs(getattr(f, s.amount)) for f in (now, before) for s in SUBJECTS if s.amount)]
    )

    def cell(subject: Subject, of: Figures, its_month: date) -> Cell:
        number = getattr(of, subject.count)
        amount = getattr(of, subject.amount) if subject.amount else 0
        return Cell(
            amount=shown_figure(subject.amount, of) if subject.amount else "",
            count=subject.many(number) % {"number": grouped(number)},
            rows=subject.rows(its_month),
            bar=f"{100 * abs(amount) / whole:.2f}%",
        )

    changed = now.minus(before)
    return [
        FigureLine(
            subject.label,
            cell(subject, now, month),
            cell(subject, before, month_before(month)),
            Cell(
                difference(subject.amount, changed) if subject.amount else "",
                difference(subject.count, changed),
            ),
        )
        for subject in SUBJECTS
    ]


class Standing:
    """The state of a month; a month without a row is open."""

    row: BillMonth | None

    @property
    def state(self) -> str:
        return self.row.state if self.row else MonthState.OPEN

    @property
    def state_shown(self) -> str | Promise:
        return MonthState(self.state).label


@dataclass(frozen=True)
class MonthOverview(Standing):
    """Everything that a month's page shows, read in a constant number of queries."""

    month: date
    row: BillMonth | None
    lines: list[FigureLine]
    request: CloseRequest | None
    files: list[IssuedFile]
    acts: list[Act]
    parked_waiting: int
    to_be_issued: bool

    @property
    def being_closed(self) -> CloseRequest | None:
        return self.request if self.request and self.request.ended_at is None else None

    @property
    def refused(self) -> str:
        """Return why the last requested close did not happen, as long as nothing newer happened."""
        is_news = self.request and self.state == MonthState.OPEN
        return self.request.refused_in_words if is_news and self.request else ""


def overview(month: date) -> MonthOverview:
    """Return a month's state, history and figures (stored at the close, else counted now)."""
    row = BillMonth.objects.select_related("closed_by", "approved_by").filter(month=month).first()
    files = list(IssuedFile.objects.filter(month=month).order_by("number"))
    resolved = ParkedEntry.objects.resolved_since(month).exists()
    return MonthOverview(
        month=month,
        row=row,
        lines=lines(month, figures.of_month(month), figures.of_month(month_before(month))),
        request=close_requests.latest(month),
        files=files,
        acts=acts_of(month),
        parked_waiting=ParkedEntry.objects.waiting().filter(month=month).count(),
        to_be_issued=_is_approved(row) and (resolved or not files),
    )


def _is_approved(row: BillMonth | None) -> bool:
    return row is not None and row.state == MonthState.APPROVED


def acts_of(month: date) -> list[Act]:
    """Return what people did to the month as a whole, newest first."""
    acts = Act.objects.alias(of_month=KT("details__month"))
    acts = acts.filter(details__has_key="month", of_month=f"{month:%Y-%m}")
    return list(acts.order_by("-pk")[:20])


@dataclass(frozen=True)
class ListedMonth(Standing):
    """A month in the list of months; an open one has no figures yet."""

    month: date
    number: int
    row: BillMonth | None
    parked_waiting: int

    @property
    def bills_lek(self) -> int | None:
        return self.row.figures.get("bills_lek") if self.row else None


def first_month() -> date | None:
    """Return the earliest month with an entry or a state, or None."""
    entry = BillEntry.objects.order_by("month").values_list("month", flat=True).first()
    row = BillMonth.objects.order_by("month").values_list("month", flat=True).first()
    return min((m for m in (entry, row) if m), default=None)


def months(at: datetime, page: int) -> tuple[list[ListedMonth], bool]:
    """Return a page of months, newest first, and whether there are earlier ones."""
    this, first = month_of(at), first_month()
    month, found = this, []
    while month >= (first or this):
        found.append(month)
        month = month_before(month)
    shown = found[(page - 1) * PAGE : page * PAGE]
    rows = {
        row.month: row
        for row in BillMonth.objects.select_related("closed_by", "approved_by").filter(
            month__in=shown
        )
    }
    parked = dict(
        ParkedEntry.objects.filter(month__in=shown)
        .values_list("month")
        .annotate(waiting=Count("pk", filter=Q(resolution=None, withdrawn_at=None)))
    )
    listed = [ListedMonth(m, month_number(m), rows.get(m), parked.get(m, 0)) for m in shown]
    return listed, len(found) > page * PAGE


def neighbours(month: date, at: datetime) -> tuple[date | None, date | None]:
    """Return the months before and after that have a page."""
    first, this = first_month(), month_of(at)
    before, after = month_before(month), next_month(month)
    return (before if first and before >= first else None, after if after <= this else None)

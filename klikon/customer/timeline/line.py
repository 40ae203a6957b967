"""Define a source of the history, and the line that each of its rows becomes."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.urls import reverse

from groups.models import Contract, Membership
from klikon.desk.access import readable_drafts
from superfamilja.accounts.models import User
from superfamilja.accounts.staff_request import StaffRequest
from superfamilja.audit.models import Act

ALL, MONEY, LEADER, CALLS, MESSAGES, STAFF = "all", "money", "leader", "calls", "messages", "staff"


@dataclass(frozen=True, kw_only=True)
class TimelineLine:
    """An event: what, for whom, how much (Lek), when, who, why.

    `address` is its record's page, if this reader may open it.
    """

    kind: str
    what: str
    at: datetime
    whom: str = ""
    amount_lek: int | None = None
    who: str = ""
    why: str = ""
    address: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Reader:
    """What this person may open, and what the lines need besides their rows: two queries a page."""

    may: Callable[[str], bool]
    members: dict[int, str]
    drafts: set[int]

    @classmethod
    def of(cls, request: StaffRequest, contract: Contract, rows: Iterable[Model]) -> "Reader":
        members = Membership.objects.filter(group__contract=contract)
        named = [pk for row in rows if isinstance(row, Act) and (pk := row.details.get("draft"))]
        drafts = readable_drafts(request).filter(pk__in=named)
        return cls(
            may=request.user.has_perm,
            members=dict(members.values_list("pk", "name")),
            drafts=set(drafts.values_list("pk", flat=True)),
        )

    def record(self, row: Model) -> str:
        """Return the address of the row's own page; empty for readers who may not open it."""
        app, model = row._meta.app_label, row._meta.model_name
        if not self.may(f"{app}.view_{model}"):
            return ""
        return reverse(f"admin:{app}_{model}_change", args=[row.pk])


class Source(ABC):
    """The rows of one table.

    `at` names the field of their moment, `actor` that of the staff who acted, `kind` the chip under
    which they are shown, `needs` the permissions of their readers.
    """

    at: ClassVar[str]
    kind: ClassVar[str] = MONEY
    actor: ClassVar[str] = ""
    needs: ClassVar[str] = ""

    @abstractmethod
    def rows(self, contract: Contract) -> QuerySet[Any]:
        """Return all rows of this contract."""

    def of_kind(self, contract: Contract, kind: str) -> QuerySet[Any] | None:
        """Return the rows under that chip; None when there can be none."""
        if kind in {ALL, self.kind}:
            return self.rows(contract)
        if kind == STAFF and self.actor:
            return self.rows(contract).filter(**{f"{self.actor}__isnull": False})
        return None

    @abstractmethod
    def line(self, row: Any, reader: Reader) -> TimelineLine:
        """Return the row as a line."""

    def said(self, row: Any, reader: Reader, **words: Any) -> TimelineLine:
        """Return a line with the row's moment and page, unless the words say otherwise."""
        own = {"kind": self.kind, "at": getattr(row, self.at), "address": reader.record(row)}
        return TimelineLine(**own | words)


def name_of(user: User | None) -> str:
    return user.shown_name if user else ""


def joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))

"""Tell whether a person has a task with a customer (docs/adr/0019).

They have one when their session's search found the customer, or when work waits for them there.
groups/pages/opening.py asks through a setting.
"""

from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.models import Dispute, ParkedEntry
from groups import opening, search
from groups.models import Contract
from groups.opening import Task
from klikon.customer import finding
from klikon.customer.finding import Result
from klikon.desk.access import READ_ALL, SERVE
from klikon.desk.models import Draft
from klikon.provisioning.models import Order
from superfamilja.accounts.models import User
from superfamilja.accounts.staff_request import StaffRequest
from superfamilja.accounts.stores import chosen
from superfamilja.values.shop_day import day_of

FOUND = "found_customers"
FOUND_FOR = timedelta(hours=1)
_KEPT, _WORDS_LOOKED_UP = 60, 5
# Roles that serve customers: they ask the name of a person who is present or on the line.
_SERVES = (SERVE, "klikon.activate_on_behalf")

SPOKEN: dict[str, str | Promise] = {
    **search.MATCHED,
    "name": _("by name"),
    finding.REFERENCE: _("reference"),
    "draft": _("request of this shop"),
    "question": _("open question"),
    "parked": _("parked entry"),
    "order": _("order that waits for a person"),
    opening.REASON: _("for a reason"),
}


def remember(request: HttpRequest, results: list[Result], at: datetime) -> None:
    """Remember which customers this session's search has found."""
    found = {**request.session.get(FOUND, {})}
    for result in reversed(results):
        found.pop(key := str(result.contract.pk), None)
        found[key] = [result.how, result.reference, at.isoformat()]
    request.session[FOUND] = dict(list(found.items())[-_KEPT:])


def task_of(request: HttpRequest, contract: Contract, at: datetime) -> Task | None:
    """Return the task that opens this customer without a question, or None.

    Auditors and administrators never have one.
    """
    user = cast(User, request.user)
    if user.has_perm(READ_ALL):
        return None
    return _found(request, user, contract, at) or _work(request, user, contract, at)


def reference_in(request: HttpRequest, contract: Contract, text: str) -> str:
    """Return the first reference in the text that belongs to this customer, as it was typed.

    Return "" when there is none that this person may read.
    """
    words = [word.strip(".,;:()“”\"'") for word in text.split()]
    for word in [word for word in words if any(map(str.isdigit, word))][:_WORDS_LOOKED_UP]:
        found = finding.by_reference(cast(StaffRequest, request), word)
        if any(result.contract == contract for result in found):
            return word.upper()
    return ""


def _found(request: HttpRequest, user: User, contract: Contract, at: datetime) -> Task | None:
    how, reference, when = request.session.get(FOUND, {}).get(str(contract.pk), ("", "", ""))
    if not how or at - datetime.fromisoformat(when) >= FOUND_FOR:
        return None
    if how == finding.NAME and not any(map(user.has_perm, _SERVES)):
        return None
    return Task(how, reference)


def _work(request: HttpRequest, user: User, contract: Contract, at: datetime) -> Task | None:
    """Return the work that waits there for this person."""
    store = chosen.current(request)
    if store and user.has_perm(SERVE):
        here = Draft.objects.of(store).filter(contract=contract)
        # A request that was done today still counts, because its scan is due the same day.
        if (here.standing() | here.done_on(day_of(at))).exists():
            return Task("draft")
    waiting: tuple[tuple[str, str, QuerySet[Any]], ...] = (
        ("question", "billing.answer_question", Dispute.objects.standing()),
        ("parked", "billing.resolve_parked", ParkedEntry.objects.waiting()),
        ("order", "provisioning.decide_order", Order.objects.for_a_person()),
    )
    for how, permission, rows in waiting:
        of_it = "activation__contract" if how == "order" else "contract"
        if user.has_perm(permission) and (row := rows.filter(**{of_it: contract}).first()):
            return Task(how, str(row))
    return None

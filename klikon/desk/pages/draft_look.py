"""Choose the page that a request shows, and what it contains."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from groups import personal_number
from klikon.desk import confirming, drafts, identity
from klikon.desk.access import APPROVE, READ_ALL, SERVE
from klikon.desk.acts import DeskAct, act_of
from klikon.desk.day import cancelling
from klikon.desk.identification import IdentifiedForm
from klikon.desk.models import Draft, DraftState, Paper, Scan
from klikon.desk.pages.small_forms import BlankNumberForm, ReadOutCodeForm, ScanForm, SendBackForm
from klikon.desk.papers import printing, scanning
from klikon.desk.refusals import NotIdentified
from superfamilja.accounts.staff_request import StaffRequest
from superfamilja.accounts.stores import chosen
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal

PRINT_NOW = "desk_print_now"
_ENDED = {DraftState.WAITING: "waiting", DraftState.DONE: "done", DraftState.DISCARDED: "discarded"}


def show_draft(
    request: StaffRequest,
    draft: Draft,
    *,
    form: IdentifiedForm | None = None,
    refusal: str = "",
    vouching: tuple[int, str] = (0, ""),
) -> HttpResponse:
    """Show the request's page, by its state and progress.

    `form` holds what was just typed; `vouching` the scan and the reason that was just refused. A
    look at a request that is nobody's task any more, or not this person's, is recorded.
    """
    now = portal_clock.now()
    if request.user.has_perm(READ_ALL) or not draft.is_at_hand(now):
        drafts.record("view_draft", draft, request.user, now)
    act, paper = act_of(draft.act, draft.contract), drafts.paper_of(draft)
    act.weigh(draft.typed)
    page = _ENDED.get(DraftState(draft.state)) or _of_an_open_one(draft, paper, form)
    context: dict[str, Any] = {
        "draft": draft,
        "act": act,
        "paper": paper,
        "refusal": refusal,
        "page": page,
        "back": ("contract", draft.contract_id),
        "may": _may(request, draft, paper),
        "scan_form": ScanForm(),
        "blank_form": BlankNumberForm(),
        # A refusal appears at the address of a step, which has no page of its own.
        "address": reverse("draft", args=[draft.pk]),
    }
    if paper:
        context["parts"] = _in_my_language(paper)
        scans = list(_scans(paper))
        context["vouching"] = vouching
        context["scans"] = [scan for scan in scans if scan.withdrawn_at is None]
        context["is_proven"] = any(scan.is_proven for scan in context["scans"])
        context["withdrawn"] = [scan for scan in scans if scan.withdrawn_at]
        context["is_outdated"] = page in {"sign", "waiting"} and printing.is_outdated(paper, act)
    context |= _MORE.get(page, _nothing)(request, draft, act, form)
    return render(request, f"desk/{page}.html", context)


def _of_an_open_one(draft: Draft, paper: Paper | None, form: IdentifiedForm | None) -> str:
    if form or not draft.is_checked:
        return "fill"
    return "sign" if paper else "check"


def _may(request: StaffRequest, draft: Draft, paper: Paper | None) -> dict[str, bool]:
    """Return which buttons this person gets; the verbs check again."""
    has, store = request.user.has_perm, chosen.current(request)
    here = store is not None and store.pk == draft.store_id
    is_relied_on = paper is not None and scanning.is_relied_on(draft, paper)
    may_withdraw = draft.state != DraftState.WAITING and here and has(SERVE)
    return {
        "change": here and has(SERVE),
        "vouch": here and paper is not None and scanning.may_vouch(draft, paper, request.user),
        "withdraw": may_withdraw and not is_relied_on,
        "withdraw_with_a_reason": may_withdraw and is_relied_on and has(APPROVE),
        "approve": here
        and has(APPROVE)
        and paper is not None
        and request.user.pk not in confirming.served_by(draft, paper),
        "cancel": here and has(APPROVE) and cancelling.is_open_to(draft, portal_clock.now()),
    }


def _scans(paper: Paper) -> QuerySet[Scan]:
    scans = paper.scans.select_related("scanned_by", "withdrawn_by", "vouched_by")
    return scans.prefetch_related("pages").order_by("pk")


def _in_my_language(paper: Paper) -> list[tuple[str, list[tuple[str, str]]]]:
    mine = "" if get_language() == "sq" else "_en"
    return [
        (
            part[f"name{mine}"],
            [(row[f"name{mine}"], row[f"value{mine}"] or row["value"]) for row in part["rows"]],
        )
        for part in paper.parts
    ]


def _fill(request: StaffRequest, draft: Draft, act: Any, form: Any) -> dict[str, Any]:
    typed = {name: value for name, value in draft.typed.items() if value}
    shown = form or act.form()
    if form is None:
        # Not bound, so that nobody sees errors in what they are still typing.
        shown.initial = typed
    return {
        "form": shown,
        "obstacle": act.obstacle(),
        "is_known": identity.is_known(draft),
        "is_locked": personal_number.is_locked(draft.contract),
        "may_release": request.user.has_perm(personal_number.MAY_RELEASE),
    }


def _check(request: StaffRequest, draft: Draft, act: Any, form: Any) -> dict[str, Any]:
    filled = act.form(draft.typed)
    if filled.is_valid() and not identity.is_known(draft):
        filled.add_error("personal_number", NotIdentified().text())
    obstacle = act.obstacle() or _why_not(act, filled)
    if obstacle or not filled.is_valid():
        return {"obstacle": obstacle, "form": filled}
    rows = [*act.subject(), *act.asked(filled), *act.known(filled)]
    return {"rows": rows, **(_where_a_code_goes(draft) if act.asks_word else {})}


def _where_a_code_goes(draft: Draft) -> dict[str, Any]:
    number = confirming.number_for_codes(draft, portal_clock.now())
    return {
        "code_is_enough": number is not None,
        "code_goes_to": number,
        "is_to_the_old": number not in {None, draft.contract.contact_msisdn},
    }


def _sign(request: StaffRequest, draft: Draft, act: Any, form: Any) -> dict[str, Any]:
    return {
        **_where_a_code_goes(draft),
        "code_form": ReadOutCodeForm(),
        "print_now": request.session.pop(PRINT_NOW, None) == draft.pk,
        "obstacle": act.obstacle() or _why_not(act, act.form(draft.typed)),
    }


def _why_not(act: DeskAct, form: IdentifiedForm) -> Refusal | None:
    """Return what the act's verb would refuse now of what was typed."""
    if not form.is_valid():
        return None
    try:
        act.require(form, portal_clock.now())
    except Refusal as refusal:
        return refusal
    return None


def _waiting(request: StaffRequest, draft: Draft, act: Any, form: Any) -> dict[str, Any]:
    return {"send_back_form": SendBackForm()}


def _done(request: StaffRequest, draft: Draft, act: Any, form: Any) -> dict[str, Any]:
    return {"spent": cancelling.spent_by(draft) if draft.declaration else []}


def _discarded(request: StaffRequest, draft: Draft, act: Any, form: Any) -> dict[str, Any]:
    return {"instead": Draft.objects.of_a_kind(draft.contract, draft.act, draft.store).first()}


def _nothing(request: StaffRequest, draft: Draft, act: Any, form: Any) -> dict[str, Any]:
    return {}


_MORE = {
    "fill": _fill,
    "check": _check,
    "sign": _sign,
    "waiting": _waiting,
    "done": _done,
    "discarded": _discarded,
}

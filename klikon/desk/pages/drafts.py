"""The pages of one request, all at one address: fill in, check, print and sign, confirm.

Every step is one POST and one transaction, so that the request stays intact whatever happens
between two steps.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from groups import personal_number
from groups.models import Contract
from groups.pages import opening
from klikon.desk import confirming, drafts, identity
from klikon.desk.access import (
    APPROVE,
    SERVE,
    DeskRequest,
    View,
    asked_first,
    in_a_shop,
    own_draft,
    readable,
    readable_drafts,
)
from klikon.desk.acts import ACTS, act_of
from klikon.desk.identification import IdentifiedForm
from klikon.desk.models import Draft
from klikon.desk.pages.draft_look import PRINT_NOW, show_draft
from klikon.desk.papers import printing, scanning
from klikon.desk.refusals import ScanMissing
from superfamilja.accounts.sign_in.lockout import client_address
from superfamilja.accounts.staff_request import StaffRequest
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal
from superfamilja.web import typed

Step = Callable[[DeskRequest, Draft], Any]


@require_POST
@in_a_shop(SERVE)
def start(request: DeskRequest, pk: int, act: str) -> HttpResponse:
    """Begin a request from the customer's page, or take up the open one."""
    if act not in ACTS:
        raise Http404
    contract = get_object_or_404(Contract, pk=pk)
    # The button stands on the customer's page: who has not opened it goes there, and is asked why.
    if not opening.opens_for_a_task(request, contract, portal_clock.now()):
        return redirect("contract", pk)
    try:
        draft = drafts.start(
            contract=contract,
            act=act,
            store=request.store,
            actor=request.user,
            at=portal_clock.now(),
            typed=request.POST.dict(),
        )
    except Refusal as refusal:
        messages.error(request, refusal.text())
        return redirect("contract", pk)
    return redirect("draft", draft.pk)


@readable
def draft_page(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the request."""
    draft = get_object_or_404(readable_drafts(request), pk=pk)
    return asked_first(request, draft) or show_draft(request, draft)


@require_POST
@in_a_shop(SERVE)
def save(request: DeskRequest, pk: int) -> HttpResponse:
    """Store what was typed: as it is (saved by the page itself), or checked before going on."""
    draft, sent = own_draft(request, pk), request.POST.dict()
    if sent.get("step") == "keep":
        return _kept(request, draft, sent)
    form = act_of(draft.act, draft.contract).form(sent)
    # Without a new number, the one typed before has to fit what is typed now.
    is_asked = form.is_valid() and not form.cleaned_data["personal_number"]
    if is_asked and not identity.is_known(draft, sent):
        form.add_error("personal_number", _("Type the personal number from the document."))
    try:
        _checked(request, draft, form, sent)
    except personal_number.PersonalNumberRefused as refusal:
        form.add_error("personal_number", refusal.text())
    except Refusal as refusal:
        draft.refresh_from_db()
        return show_draft(request, draft, form=form, refusal=refusal.text())
    if not form.is_valid():
        draft.refresh_from_db()
        return show_draft(request, draft, form=form)
    return redirect("draft", pk)


def _kept(request: DeskRequest, draft: Draft, sent: dict[str, str]) -> HttpResponse:
    """Store what the page saves by itself; nothing is compared, so the answer reveals nothing."""
    version = typed.number(sent.get("version"))
    try:
        drafts.save(
            draft=draft, typed=sent, version=version, actor=request.user, at=portal_clock.now()
        )
    except Refusal as refusal:
        return HttpResponse(refusal.text(), status=409, content_type="text/plain")
    draft.refresh_from_db()
    return HttpResponse(str(draft.version), content_type="text/plain")


def _checked(
    request: DeskRequest, draft: Draft, form: IdentifiedForm, sent: dict[str, str]
) -> None:
    """Keep what was typed and, once all else is filled in, compare the personal number."""
    at, version = portal_clock.now(), typed.number(sent.get("version"))
    number = form.cleaned_data.get("personal_number", "") if form.is_valid() else ""
    drafts.save(
        draft=draft,
        typed=sent,
        version=version,
        actor=request.user,
        at=at,
        is_checked=form.is_valid() and not number,
    )
    if number:
        identity.identify(draft=draft, typed=number, actor=request.user, at=at)


def _step(permission: str, said: str = "") -> Callable[[Step], View]:
    """Make a view of a POST that calls one verb and returns to the request, with any refusal."""

    def decorate(step: Step) -> View:
        def view(request: DeskRequest, pk: int) -> HttpResponse:
            draft = own_draft(request, pk)
            try:
                step(request, draft)
            except Refusal as refusal:
                return show_draft(request, own_draft(request, pk), refusal=refusal.text())
            if said:
                messages.success(request, _(said))
            return redirect("draft", pk)

        return require_POST(in_a_shop(permission)(view))

    return decorate


@_step(SERVE)
def change(request: DeskRequest, draft: Draft) -> None:
    """Return to the typed text; the paper stays valid until the text changes."""
    drafts.save(
        draft=draft,
        typed=draft.typed,
        version=draft.version,
        actor=request.user,
        at=portal_clock.now(),
        is_checked=False,
    )


@_step(SERVE)
def print_paper(request: DeskRequest, draft: Draft) -> None:
    """The paper is made; the page prints it. Its code goes out at once where the Fixed Leader has
    the phone at hand; a code that is refused takes nothing from the paper."""
    printing.print_paper(draft=draft, actor=request.user, at=portal_clock.now())
    request.session[PRINT_NOW] = draft.pk
    if "with_code" in request.POST:
        _send_code(request, draft, is_first=True)


@_step(SERVE)
def use_blank(request: DeskRequest, draft: Draft) -> None:
    """Use a numbered blank, because the printer does not work."""
    number = typed.text(request.POST, "number")
    printing.use_blank(draft=draft, number=number, actor=request.user, at=portal_clock.now())


@_step(SERVE)
def send_code(request: DeskRequest, draft: Draft) -> None:
    """To the Fixed Leader's phone; another one, if the first did not arrive."""
    _send_code(request, draft)


def _send_code(request: DeskRequest, draft: Draft, *, is_first: bool = False) -> None:
    confirming.send_code(
        draft=draft,
        actor=request.user,
        at=portal_clock.now(),
        address=client_address(request) or "",
        is_first=is_first,
    )


@_step(SERVE)
def confirm(request: DeskRequest, draft: Draft) -> None:
    """Put the signed request into force."""
    code = "".join(letter for letter in request.POST.get("code", "") if letter.isdigit())
    confirming.confirm(
        draft=draft,
        version=typed.number(request.POST.get("version")),
        actor=request.user,
        at=portal_clock.now(),
        code=code[:6],
    )


@_step(SERVE)
def attach_scan(request: DeskRequest, draft: Draft) -> None:
    """Attach the signed paper from a scanner or a phone's camera."""
    file = request.FILES.get("scan")
    if file is None:
        raise ScanMissing
    scanning.attach(
        draft=draft, file=file, name=file.name or "", actor=request.user, at=portal_clock.now()
    )


@_step(SERVE, said=gettext_noop("Sent to the manager."))
def send_for_approval(request: DeskRequest, draft: Draft) -> None:
    """There is no phone that works."""
    confirming.send_for_approval(draft=draft, actor=request.user, at=portal_clock.now())


@_step(SERVE, said=gettext_noop("The request is discarded."))
def discard(request: DeskRequest, draft: Draft) -> None:
    """Put away; the page offers to bring it back."""
    drafts.discard(draft=draft, actor=request.user, at=portal_clock.now())


@_step(SERVE)
def restore(request: DeskRequest, draft: Draft) -> None:
    """The undo of it."""
    drafts.restore(draft=draft, actor=request.user, at=portal_clock.now())


@_step(APPROVE)
def approve(request: DeskRequest, draft: Draft) -> None:
    """Approve as a second person."""
    version = typed.number(request.POST.get("version"))
    confirming.approve(draft=draft, version=version, actor=request.user, at=portal_clock.now())


@_step(APPROVE, said=gettext_noop("Sent back to the clerk."))
def send_back(request: DeskRequest, draft: Draft) -> None:
    """Send back as a second person, with what is missing."""
    reason = typed.text(request.POST, "reason")
    confirming.send_back(draft=draft, actor=request.user, at=portal_clock.now(), reason=reason)

"""The families' sign-in: a number, then the code sent to it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from superfamilja.accounts.sign_in.lockout import client_address
from superfamilja.clock import portal_clock
from superfamilja.customers import browsers, codes, gate, people
from superfamilja.customers.forms import NumberForm, SignInCodeForm
from superfamilja.customers.gate import FamilyRequest, family_required
from superfamilja.customers.models import CODE_LIVES, Account
from superfamilja.customers.people import OnFile
from superfamilja.customers.refusals import CodeRefused
from superfamilja.messages.outbox import Sms

SIGN_IN = "sign_in"
ASKED = "asked"  # in the session: the number and the code that this browser asked for


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for the number, and send its code. The same words for a number that is not on file."""
    if request.method != "POST" and gate.signed_in(request, portal_clock.now()):
        return redirect("family")
    form = NumberForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            _send(request, form.cleaned_data["number"])
        except CodeRefused as refused:
            refusal = refused.text()
        else:
            return redirect("family_code")
    context = {
        "form": form,
        "refusal": refusal,
        "ended": request.session.pop(gate.ENDED, False),
        "lost": gate.LOST in request.session,
    }
    return render(request, "customers/sign_in.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code; a right one opens a session."""
    asked = request.session.get(ASKED)
    if asked is None:
        return redirect("family_sign_in")
    form = SignInCodeForm(request.POST or None)
    refusal = None
    if request.method == "POST":
        try:
            if request.POST.get("step") == "again":
                _send(request, asked["msisdn"])
                messages.success(request, _("A new code is on its way. The one before is over."))
                return redirect("family_code")
            if form.is_valid():
                return _let_in(request, asked, form)
        except CodeRefused as refused:
            refusal = refused.text()
    return render(
        request,
        "customers/code.html",
        {"form": form, "refusal": refusal, "msisdn": asked["msisdn"]},
    )


def _send(request: HttpRequest, msisdn: str) -> None:
    now = portal_clock.now()
    known = people.on_file(msisdn)
    sent = codes.send(
        msisdn=msisdn,
        purpose=SIGN_IN,
        at=now,
        address=client_address(request) or "",
        known_browser=browsers.knows(request, msisdn),
        sms=(lambda digits: _sms(msisdn, digits, known)) if known.is_known else None,
    )
    request.session[ASKED] = {"msisdn": msisdn, "code": sent.pk}


def _sms(msisdn: str, digits: str, known: OnFile) -> Sms:
    return Sms(
        to=msisdn,
        template="sign_in_code",
        language=known.language,
        why="sign_in",
        about="",
        contract_number="",
        parameters={"code": digits},
        expires_at=portal_clock.now() + CODE_LIVES,
    )


def _let_in(request: HttpRequest, asked: dict[str, object], form: SignInCodeForm) -> HttpResponse:
    msisdn, now = str(asked["msisdn"]), portal_clock.now()
    codes.check(
        int(str(asked["code"])),
        msisdn=msisdn,
        purpose=SIGN_IN,
        typed=form.cleaned_data["code"],
        at=now,
    )
    known = people.on_file(msisdn)
    if known.is_shared:
        request.session.flush()
        return render(request, "customers/shared.html", {"msisdn": msisdn}, status=403)
    account, _made = Account.objects.get_or_create(msisdn=msisdn, defaults={"made_at": now})
    target = str(request.session.get("next", ""))
    remember, code = form.cleaned_data["remember"], int(str(asked["code"]))
    gate.begin(request, account, known, remember, code)
    response = _redirect_back(request, target)
    browsers.remember(request, response, msisdn)
    return response


def _redirect_back(request: HttpRequest, target: str) -> HttpResponseRedirect:
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return HttpResponseRedirect(target) if target and is_ours else redirect("family")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    request.session.flush()
    messages.success(request, _("You are signed out."))
    return redirect("start")


@family_required
def sign_out_everywhere(request: FamilyRequest) -> HttpResponse:
    """End every session of this number. A GET, as after a sign-in, leads to the family's start."""
    if request.method != "POST":
        return redirect("family")
    request.account.sign_outs += 1
    request.account.save(update_fields=["sign_outs"])
    request.session.flush()
    messages.success(request, _("You are signed out on every phone and computer."))
    return redirect("start")

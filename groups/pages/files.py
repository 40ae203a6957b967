"""Files that came in, for staff: send one in, the register, one file whole, its rows."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from groups.base_import.words import WORDS
from groups.incoming import keeping, receiving
from groups.incoming.engines import ROWS_KEPT, SAID
from groups.incoming.models import FileKind, FileState, IncomingFile, PreviewedRow, RowKind
from groups.pages.file_acts import FILE_ACTS, LOADS, READS
from groups.pages.uploading import OnDiskUpToALimit, SendFileForm
from superfamilja.accounts.models import User
from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal

PAGE = 50
STEPS: dict[str, str | Promise] = {
    "read": _("Reading the file"),
    "judge": _("Checking the rows"),
    "merge": _("Writing"),
}
# Why a row is suspicious: `value` and `other` are filled in.
SUSPICIOUS: dict[str, str | Promise] = {
    "many_leave": _("%(value)s of %(other)s members would leave."),
    "contact_of_many": _("The contact number %(value)s would belong to %(other)s owners."),
    "leader_elsewhere": _(
        "The number %(value)s leads the group of contract %(other)s, and goes to this contract."
    ),
}
DECIDED = (FileState.LOADED, FileState.UNDONE, FileState.REFUSED, FileState.DISCARDED)
View = Callable[..., HttpResponseBase]


def _onto_the_disk(view: View) -> View:
    """Files of this page go to the disk. The check against forged forms comes after that choice,
    because it reads the form."""
    checked = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def chosen(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST":
            request.upload_handlers = [OnDiskUpToALimit(request)]
        return checked(request, *args, **kwargs)

    return chosen


@_onto_the_disk
@require_http_methods(["GET", "POST"])
@permission_required(READS, raise_exception=True)
def incoming_files(request: HttpRequest) -> HttpResponse:
    """The register, newest first, and the form that sends a file in."""
    form = SendFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if not request.user.has_perm(LOADS):
            raise PermissionDenied
        if form.is_valid() and (file := _received(request, form)):
            return redirect("incoming_file", file.pk)
    page = _page_of(request)
    known = IncomingFile.objects.select_related("received_by", "confirmed_by", "agreed_by")
    rows = list(known.order_by("-pk")[(page - 1) * PAGE : page * PAGE + 1])
    context = {"form": form, "files": rows[:PAGE], "page": page, "has_more": len(rows) > PAGE}
    return render(request, "staff/files.html", context)


def _received(request: HttpRequest, form: SendFileForm) -> IncomingFile | None:
    sent = form.cleaned_data["file"]
    kept = keeping.keep(sent.chunks())
    try:
        file = receiving.receive_file(
            kept=kept,
            name=sent.name,
            kind=FileKind(form.cleaned_data["kind"]),
            rows=form.cleaned_data["rows"],
            at=portal_clock.now(),
            actor=cast(User, request.user),
        )
    except Refusal as refusal:
        keeping.let_go(kept)
        form.add_error(None, refusal.text())
        return None
    messages.success(request, _("The file is here. Nothing changes before somebody says yes."))
    return file


@require_GET
@permission_required(READS, raise_exception=True)
def incoming_file(request: HttpRequest, pk: int) -> HttpResponse:
    """One file whole: what it would change, what is to be done, what happened."""
    people = ("received_by", "confirmed_by", "agreed_by", "undone_by")
    file = get_object_or_404(IncomingFile.objects.select_related(*people), pk=pk)
    context = {
        "file": file,
        "step": STEPS.get(file.step, ""),
        "counts": _counts(file),
        "refusal": (file.refusal or {}).get(get_language(), ""),
        "has_rejects": keeping.mendable_of(file) is not None,
        "is_decided": file.state in DECIDED,
        "acts": _acts(request, file),
        "waits_for_another": file.state == FileState.CONFIRMED
        and file.confirmed_by_id == request.user.pk,
    }
    return render(request, "staff/file.html", context)


@require_GET
@permission_required(LOADS, raise_exception=True)  # names and numbers, for those who load
def incoming_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows behind one of the counts, in the order of the file."""
    file = get_object_or_404(IncomingFile, pk=pk)
    kind, page = request.GET.get("kind", RowKind.NEW), _page_of(request)
    if kind not in RowKind.values:
        raise Http404
    found = file.previewed_rows.filter(kind=kind).order_by("line", "pk")
    rows = list(found[(page - 1) * PAGE : page * PAGE + 1])
    context = {
        "file": file,
        "kind": RowKind(kind),
        "number": file.figures.get(kind, 0),
        "kept": ROWS_KEPT,
        "rows": [(row, *_in_words(row)) for row in rows[:PAGE]],
        "page": page,
        "has_more": len(rows) > PAGE,
        "narrowed": _narrowed(kind),
    }
    return render(request, "staff/file_rows.html", context)


@require_GET
@permission_required(LOADS, raise_exception=True)
def incoming_rejects(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rejected rows, as they are mended and sent in again."""
    file = get_object_or_404(IncomingFile, pk=pk)
    path = keeping.mendable_of(file)
    if path is None:
        raise Http404
    name = f"rejects-{file.pk}-{file.sha256[:12]}.csv"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="text/csv")


def _counts(file: IncomingFile) -> list[tuple[RowKind, int]]:
    return [(kind, file.figures[kind]) for kind in RowKind if kind in file.figures]


def _acts(request: HttpRequest, file: IncomingFile) -> list[tuple[str, str | Promise, bool]]:
    """Address and name of what this person may do now; whether it is the next step."""
    if not request.user.has_perm(LOADS):
        return []
    person = cast(User, request.user)
    possible = (act for act in FILE_ACTS if act.is_possible(file, person))
    return [(reverse(act.address, args=[file.pk]), act.title, act.is_next) for act in possible]


def _in_words(row: PreviewedRow) -> tuple[str, str]:
    """What the row says, and why, for people."""
    if row.kind == RowKind.REJECTED:
        field, _tab, value = row.value.partition("\t")
        if row.code == SAID:
            return value, row.other.split("\t")[0 if get_language() == "sq" else 1]
        words = WORDS[row.code][0 if get_language() == "sq" else 1]
        return value, words.format(field=field, value=value, other=row.other)
    if row.kind == RowKind.SUSPICIOUS:
        return "", str(SUSPICIOUS[row.code]) % {"value": row.value, "other": row.other}
    return row.value, row.other


def _narrowed(kind: str) -> str:
    query = QueryDict(mutable=True)
    query["kind"] = kind
    return f"{query.urlencode()}&"


def _page_of(request: HttpRequest) -> int:
    try:
        return max(int(request.GET.get("page", "1")), 1)
    except ValueError:
        raise Http404 from None

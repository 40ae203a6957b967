"""Registers whose records change only by acts: each act has a page, a verb and a reason."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from superfamilja.clock import portal_clock
from superfamilja.refusal import Refusal
from superfamilja.values.text_field import LinesField
from superfamilja.web.read_only import ReadOnlyAdmin


class RegisterReasonForm(forms.Form):
    """The reason, which stands in the history."""

    reason = LinesField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))


class RegisterAct(NamedTuple):
    """One act of an administrator on a record, or one that makes a record."""

    title: str | Promise
    form: type[forms.Form]
    do: Callable[..., Any]


class ActRegister(ReadOnlyAdmin):
    """A register: the admin shows it, and every change, also a new record, is a page of its own."""

    pages = ("_changelist", "_change", "_add")
    change_form_template = "admin/acts_change_form.html"

    subject: ClassVar[str]  # the name of the verbs' argument for the record
    make: ClassVar[RegisterAct]
    acts: ClassVar[Mapping[str, RegisterAct]]

    def may_act(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"accounts.change_{self.subject}")

    def acts_on(self, request: HttpRequest, record: Any) -> Mapping[str, RegisterAct]:
        """Return the acts that this person may do to this record now."""
        return self.acts if self.may_act(request) else {}

    def initial(self, record: Any) -> dict[str, Any]:
        """Return what the forms hold before anything is typed."""
        return {}

    def note(self, act: str, record: Any) -> str:
        """Return what a person should know before this act, or nothing."""
        return ""

    def done(self, request: HttpRequest, outcome: Any) -> HttpResponse:
        return redirect(self._list())

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(f"accounts.add_{self.subject}")

    def get_urls(self) -> list[URLPattern]:
        act = self.admin_site.admin_view(self.act_view)
        name = f"accounts_{self.subject}_act"
        return [path("<int:pk>/act/<slug:act>/", act, name=name), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        record = self.get_object(request, object_id)
        acts = self.acts_on(request, record).items() if record else ()
        context = {
            **(extra_context or {}),
            "acts": [(slug, act.title) for slug, act in acts],
            "act_page": f"admin:accounts_{self.subject}_act",
        }
        return super().change_view(request, object_id, form_url, context)

    @method_decorator(never_cache)
    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._page(request, self.make, self.note("add", None))

    @method_decorator(never_cache)
    def act_view(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        if not self.may_act(request):
            raise PermissionDenied
        if act not in self.acts:
            raise Http404
        record = get_object_or_404(self.get_queryset(request), pk=pk)
        return self._page(request, self.acts[act], self.note(act, record), record)

    def _page(
        self, request: HttpRequest, act: RegisterAct, note: str, record: Any = None
    ) -> HttpResponse:
        """Show the form, call the verb and answer."""
        on_it = {self.subject: record} if record else {}
        form = act.form(request.POST or None, initial=self.initial(record) if record else None)
        if request.method == "POST" and form.is_valid():
            try:
                outcome = act.do(
                    **on_it, actor=request.user, at=portal_clock.now(), **form.cleaned_data
                )
            except Refusal as refusal:
                form.add_error(None, refusal.text())
            else:
                return self.done(request, outcome)
        context = {
            "form": form,
            "title": act.title,
            "note": note,
            "record": record,
            "back": self._list(),
        }
        return render(request, "account/act.html", context)

    def _list(self) -> str:
        return f"admin:accounts_{self.subject}_changelist"

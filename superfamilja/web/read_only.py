"""Registers that are read and never written, because acts go through their verbs only."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from superfamilja.clock import portal_clock
from superfamilja.values.months import month_before, month_label, month_of, parse_month

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

Words = Any  # a string, translated now or in the language of the page
MONTH = _("month")


class ReadOnlyAdmin(ModelAdmin):
    """Allow no add, change or delete, even to superusers, and no search through the address bar.

    `filters_by_id` names the relations by whose id a list may be narrowed, because pages link to
    each other that way. All other filters are those on the page, so that no address carries a
    number or a name.
    """

    filters_by_id: tuple[str, ...] = ()
    # The pages that exist; the stock pages for writing, deleting and their history are left out.
    pages: tuple[str, ...] = ("_changelist", "_change")
    actions = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_urls(self) -> list[URLPattern]:
        return [p for p in super().get_urls() if p.name and p.name.endswith(self.pages)]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = capfirst(self.model._meta.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        title = capfirst(self.model._meta.verbose_name)
        return super().change_view(
            request, object_id, form_url, {"title": title, **(extra_context or {})}
        )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        field, _, how = lookup.partition("__")
        if field in self.filters_by_id:
            return how in {"", "exact", "id__exact"}
        shown = [_parameter_of(shown) for shown in self.get_list_filter(request)]
        return any(lookup == name or lookup.startswith(f"{name}__") for name in shown)


def _parameter_of(list_filter: Any) -> str:
    """Return the parameter of a filter: a field, a field with a class, or a class."""
    if isinstance(list_filter, str):
        return list_filter
    if isinstance(list_filter, tuple):
        return str(list_filter[0])
    return str(list_filter.parameter_name)


def filter_by(
    field: str, title: Words, choices: Iterable[tuple[str, Words]]
) -> type[admin.SimpleListFilter]:
    """Return a filter with known values in words, found without a query."""

    class Filter(admin.SimpleListFilter):
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(value, str(words)) for value, words in choices]

        def queryset(
            self, request: HttpRequest, queryset: models.QuerySet[Any]
        ) -> models.QuerySet[Any]:
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    Filter.title = title
    return Filter


def month_filter(field: str = "month", title: Words = MONTH) -> type[admin.SimpleListFilter]:
    """Return a filter by month: `?month=2026-10`.

    The page offers the last year; a link may lead to an older month.
    """

    class Filter(admin.SimpleListFilter):
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            month, months = month_of(portal_clock.now()), []
            for _number in range(13):
                months.append(month)
                month = month_before(month)
            asked = self.month()
            if asked and asked not in months:
                months.append(asked)
            return [(f"{m:%Y-%m}", month_label(m)) for m in months]

        def month(self) -> date | None:
            try:
                return parse_month(self.value() or "")
            except ValueError:
                return None

        def queryset(
            self, request: HttpRequest, queryset: models.QuerySet[Any]
        ) -> models.QuerySet[Any]:
            if not self.value():
                return queryset
            month = self.month()
            if month is None:
                raise IncorrectLookupParameters
            return queryset.filter(**{field: month})

    Filter.title = title
    return Filter


def shown(name: str, label: Words, *, sortable: bool = True) -> Callable[[Any, Any], Any]:
    """Return a column with its own label; a related record becomes a link, a missing one a dash."""

    @admin.display(description=label, ordering=name if sortable else None)
    def display(_register: Any, record: Any) -> Any:
        value = getattr(record, name)
        return link(value) if value is None or isinstance(value, models.Model) else value

    return display


def link(target: models.Model | None, text: str = "") -> SafeString | str:
    """Return a link to the record's page in the admin; a dash when there is none."""
    if target is None:
        return "—"
    meta = target._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[target.pk])
    return format_html('<a href="{}">{}</a>', url, text or str(target))


def narrowed(model: type[models.Model], **filters: str) -> str:
    """Return the address of a register with these filters set."""
    meta = model._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return f"{url}?{urlencode(filters)}"


def list_link(model: type[models.Model], text: str, **by_id: int) -> SafeString:
    """Return a link to a register that shows one record's rows."""
    meta = model._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    query = "&".join(f"{field}__id__exact={pk}" for field, pk in by_id.items())
    return format_html('<a href="{}?{}">{}</a>', url, query, text)

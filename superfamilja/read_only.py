"""Registers that are read and never written: acts go through their verbs, nowhere else."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """No add, change or delete, superusers included, and no search through the address bar.

    `filters_by_id` names the relations by whose id a list may be narrowed: that is how pages
    link to each other. Every other lookup is refused, so that no address ever carries a number
    or a name.
    """

    filters_by_id: tuple[str, ...] = ()
    actions = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        field, _, how = lookup.partition("__")
        if field in self.filters_by_id:
            return how in {"", "exact", "id__exact"}
        filtered = [_narrows(f) for f in self.get_list_filter(request)]
        return any(lookup == f or lookup.startswith(f"{f}__") for f in filtered)


def _narrows(list_filter: Any) -> str:
    """What stands in the address for this filter of the list."""
    if isinstance(list_filter, str):
        return list_filter
    name = list_filter[0] if isinstance(list_filter, tuple) else list_filter.parameter_name
    return str(name)


def link(target: models.Model | None, text: str = "") -> SafeString | str:
    """A link to the record's page in the admin; a dash when there is none."""
    if target is None:
        return "—"
    meta = target._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[target.pk])
    return format_html('<a href="{}">{}</a>', url, text or str(target))


def list_link(model: type[models.Model], text: str, **by_id: int) -> SafeString:
    """A link to a register narrowed to one record's rows."""
    meta = model._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    query = "&".join(f"{field}__id__exact={pk}" for field, pk in by_id.items())
    return format_html('<a href="{}?{}">{}</a>', url, query, text)

"""Manage shops in the admin: every change is a verb of `store_acts.py`, with a reason."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.validators import RegexValidator
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from superfamilja.accounts.models import Store, User
from superfamilja.accounts.site.act_register import ActRegister, RegisterAct, RegisterReasonForm
from superfamilja.accounts.store_register import store_acts
from superfamilja.values.text_field import CopiedCodeField, LineField, LinesField
from superfamilja.web.form_layout import FieldsFormHelper, LaidOutForm
from superfamilja.web.read_only import list_link


class RenameForm(LaidOutForm):
    """The shop's name, and where it is."""

    helper = FieldsFormHelper("name", "place", "reason")

    name = LineField(label=_("Name"), max_length=60, help_text=_("As people call it: Tirana 3."))
    place = LineField(
        label=_("Place"), max_length=60, help_text=_("The city: it stands on the Declaration.")
    )
    reason = RegisterReasonForm.base_fields["reason"]


class NewStoreForm(RenameForm):
    """A new shop."""

    helper = FieldsFormHelper("code", "name", "place", "reason")

    code = CopiedCodeField(
        label=_("Code"),
        max_length=20,
        help_text=_("Short, and never changed: D01."),
        validators=[RegexValidator(r"^[A-Za-z0-9-]+\Z", _("Only letters, digits and hyphens."))],
    )


class ShutForm(forms.Form):
    """The reason, with what follows at once."""

    reason = LinesField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever is signed in to this shop cannot go on from this moment."),
    )


@admin.register(Store)
class StoreAdmin(ActRegister):
    """The register of shops, with links to the people of each."""

    subject = "store"
    make = RegisterAct(_("New shop"), NewStoreForm, store_acts.make_store)
    acts = {
        "rename": RegisterAct(_("Change name or place"), RenameForm, store_acts.rename_store),
        "shut": RegisterAct(_("Shut the shop"), ShutForm, store_acts.shut_store),
        "reopen": RegisterAct(
            _("Open the shop again"), RegisterReasonForm, store_acts.reopen_store
        ),
    }

    list_display = ("code", "name", "place", "is_active", "people")
    list_filter = ("is_active",)
    fields = readonly_fields = ("code", "name", "place", "is_active", "people")

    @admin.display(description=_("Staff"))
    def people(self, store: Store) -> SafeString:
        return list_link(User, gettext("Who works there"), stores=store.pk)

    def acts_on(self, request: HttpRequest, record: Any) -> dict[str, RegisterAct]:
        other = "reopen" if record.is_active else "shut"
        acts = super().acts_on(request, record)
        return {slug: act for slug, act in acts.items() if slug != other}

    def initial(self, record: Any) -> dict[str, Any]:
        return {"name": record.name, "place": record.place}

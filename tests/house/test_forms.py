"""Crispy's pack draws every form, as its layout in Python says (ADR 0027)."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template

from billing.pages.charge_forms import CreditForm
from groups.models import Contract
from klikon.desk.acts.payer import OwnLimitForm
from klikon.portal.payer.own_limits import PayersLimitForm
from superfamilja.accounts.admin import StoresForm
from superfamilja.web.form_layout import FieldsFormHelper, LaidOutForm
from tests.house.test_typed_text import every_form

TEMPLATES = Path(settings.BASE_DIR) / "templates"
PACK = "klikon"
# Hidden inputs carry what a page already knows; nobody types into them.
BY_HAND = re.compile(r"<(?:input\b(?![^>]*type=\"hidden\")|select\b|textarea\b)", re.IGNORECASE)
# A loop over the fields, or a form that draws itself in Django's way.
REPEATED = re.compile(r"{% for \w+ in \w*form(?:\.\w+)* %}|form\.as_\w+|form\.errors\.\w+")
EXCEPTIONS = {
    "look/searchbox.html": "the one box of the house, without label, help and errors",
    "desk/day_end.html": "a tick box in each row of a table; no form has one field a paper",
    "desk/letters.html": "a tick box in each row of a table; no form has one field a letter",
}


def outside_the_pack() -> dict[str, str]:
    """Return every template but those of the pack, by its name."""
    names = (path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("*.html"))
    return {str(name): (TEMPLATES / name).read_text() for name in names if name.parts[0] != PACK}


def test_no_template_draws_an_input_by_hand() -> None:
    found = {name for name, text in outside_the_pack().items() if BY_HAND.search(text)}
    assert found == set(EXCEPTIONS)


def test_no_template_repeats_the_fields_of_a_form() -> None:
    found = {name for name, text in outside_the_pack().items() if REPEATED.search(text)}
    assert found == set()


@pytest.mark.parametrize(
    "text",
    ['<input name="x">', '<input type="text">', "<select>", "<textarea>", '<INPUT type="radio">'],
)
def test_the_look_for_inputs_finds_them(text: str) -> None:
    assert BY_HAND.search(text)


def test_a_hidden_input_is_none() -> None:
    assert not BY_HAND.search('<input name="x" type="hidden">')


def laid_out() -> dict[type[LaidOutForm], FieldsFormHelper]:
    forms_ = (form for form in every_form() if issubclass(form, LaidOutForm))
    return {f: f.helper for f in forms_ if isinstance(f.helper, FieldsFormHelper)}


def test_a_layout_names_each_field_that_people_see_and_no_other() -> None:
    assert CreditForm in laid_out()
    for form, helper in laid_out().items():
        seen = [n for n, field in form.base_fields.items() if not field.widget.is_hidden]
        seen = [n for n in seen if n in form.base_fields]
        left = set(helper.field_names()) ^ set(seen)
        # An answer is its own reason, so its form has no reason field.
        assert left <= {"reason"}, form


# --- what the pack draws -------------------------------------------------------------------


class Ids(HTMLParser):
    """The ids of a page, and those that describe an element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.described: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.ids += [said["id"]] if said.get("id") else []
        self.described += (said.get("aria-describedby") or "").split()


def drawn(form: forms.Form, **context: Any) -> str:
    template = Template("{% load klikon_look %}{% fields form %}")
    return template.render(Context({"form": form, **context}))


def of_a_desk(typed: dict[str, str] | None = None) -> OwnLimitForm:
    return OwnLimitForm(Contract(owner_name="Drita Dardha"), typed)


def test_help_error_and_unit_are_tied_to_their_field() -> None:
    html = drawn(PayersLimitForm([], {"limit_lek": "a lot"}))
    assert 'aria-invalid="true" aria-describedby="id_limit_lek_helptext id_limit_lek_error"' in html
    assert '<span class="unit">Lekë</span>' in html


@pytest.mark.parametrize("typed", [None, {}])
@pytest.mark.django_db
def test_what_describes_a_field_is_there_once(typed: dict[str, str] | None) -> None:
    forms_of_all_kinds = (
        of_a_desk(typed),
        StoresForm(typed),
        CreditForm(typed),
        PayersLimitForm([], typed),
    )
    for form in forms_of_all_kinds:
        page = Ids(drawn(form))
        assert set(page.described) <= set(page.ids), form
        assert len(page.ids) == len(set(page.ids)), form
        assert page.described, form


def test_a_request_at_the_desk_has_two_sections() -> None:
    html = drawn(of_a_desk())
    assert re.findall(r"<h2>(.*?)</h2>", html) == ["Identifikimi", "Çfarë kërkohet"]
    assert html.index('name="personal_number"') < html.index("Çfarë kërkohet")
    assert html.index("Çfarë kërkohet") < html.index('name="limit_lek"')


def test_what_a_page_carries_is_drawn_out_of_sight() -> None:
    html = drawn(CreditForm())
    assert html.index('name="amount_lek"') < html.index('name="told"') < html.index('name="reason"')
    assert '<input type="hidden" name="key"' in html

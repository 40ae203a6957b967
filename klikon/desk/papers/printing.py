"""Make the paper that the customer signs: a print of what was typed, or a numbered blank."""

import hashlib
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from groups import terms
from klikon.desk import identification, identity
from klikon.desk.acts import DeskAct, act_of
from klikon.desk.acts.base import MemberOf
from klikon.desk.drafts import open_one, paper_of, record, void_paper
from klikon.desk.identification import IdentifiedForm
from klikon.desk.models import Blank, Draft, Paper
from klikon.desk.refusals import (
    BlankUnknown,
    ChangedMeanwhile,
    FilledInOtherwise,
    NoPaper,
    NotFilledIn,
    NotIdentified,
    PaperOutdated,
)
from klikon.models import Declaration, DeclarationChannel
from klikon.papers import declaration, typeset
from superfamilja.accounts.models import User
from superfamilja.clock import portal_clock
from superfamilja.values import random_keys, texts


class _Sheet(NamedTuple):
    """What is about to be printed, by whom, when."""

    draft: Draft
    act: DeskAct
    form: IdentifiedForm
    reference: str
    seal: str
    actor: User
    at: datetime


def filled_in(draft: Draft) -> tuple[DeskAct, IdentifiedForm]:
    """Return the act and its valid form.

    Raise NotFilledIn, NotIdentified, FilledInOtherwise, and what the act's verb would refuse now.
    """
    act = act_of(draft.act, draft.contract)
    if refusal := act.obstacle():
        raise refusal
    form = act.form(draft.typed)
    if not draft.is_checked:
        raise NotFilledIn
    if not identity.is_known(draft):
        raise NotIdentified
    if not form.is_valid():
        raise FilledInOtherwise(what=next(iter(form.errors.values()))[0])
    act.weigh(draft.typed)
    act.require(form, portal_clock.now())
    return act, form


def is_outdated(paper: Paper, act: DeskAct) -> bool:
    """Return whether the paper names another leader, group, number or limit than now."""
    return paper.stands_on is not None and paper.stands_on != act.stands_on()


def signed_paper(draft: Draft, act: DeskAct) -> Paper:
    """Return the paper whose signature counts. Raise NoPaper, PaperOutdated."""
    paper = paper_of(draft)
    if paper is None:
        raise NoPaper
    if is_outdated(paper, act):
        raise PaperOutdated
    return paper


def print_paper(*, draft: Draft, actor: User, at: datetime) -> Paper:
    """Make the paper, or return the valid one; an outdated one becomes void.

    It is drawn before anything is locked; a request that changed meanwhile gets no such paper.
    Raise NotOpen, NotFilledIn, ChangedMeanwhile.
    """
    standing = paper_of(draft)
    if standing and not is_outdated(standing, act_of(draft.act, draft.contract)):
        return standing
    act, form = filled_in(draft)
    reference = _next_reference(act)
    parts = _said(act, form)
    sheet = _Sheet(draft, act, form, reference, typeset.new_seal(), actor, at)
    content = _declaration(sheet) if act.is_declaration else _request(sheet)
    with transaction.atomic():
        now = open_one(draft)
        standing = paper_of(now)
        if standing and not is_outdated(standing, act):
            return standing
        if now.version != draft.version:
            time = f"{timezone.localtime(now.changed_at):%H:%M}"
            raise ChangedMeanwhile(name=now.changed_by.shown_name, time=time)
        if standing:
            _void(now, actor, at)
        paper = Paper.objects.create(
            draft=now,
            reference=reference,
            seal=sheet.seal,
            parts=parts,
            stands_on=act.stands_on(),
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            made_at=at,
            made_by=actor,
        )
        record("print_paper", now, actor, at, paper=reference)
    return paper


@transaction.atomic
def use_blank(*, draft: Draft, number: str, actor: User, at: datetime) -> Paper:
    """Use a numbered blank of this shop, filled in by hand, because the printer does not work.

    A print that was made before the printer failed becomes void. Raises NotOpen, NotFilledIn,
    BlankUnknown.
    """
    draft = open_one(draft)
    act, form = filled_in(draft)
    standing = paper_of(draft)
    blanks = Blank.objects.select_for_update().filter(store=draft.store)
    typed = _typed(number)
    blank = blanks.filter(pk=typed).first() if typed else None
    if standing and blank and standing.blank_id == blank.pk:
        return standing
    # Checked after the lock, so that the second of two clerks sees what the first one did.
    if blank is None or Paper.objects.filter(blank=blank).exists():
        raise BlankUnknown(number=number.strip()[:20])
    if standing:
        _void(draft, actor, at)
    reference = _next_reference(act)
    paper = Paper.objects.create(
        draft=draft,
        reference=reference,
        parts=_said(act, form),
        stands_on=act.stands_on(),
        blank=blank,
        made_at=at,
        made_by=actor,
    )
    record("use_blank", draft, actor, at, paper=reference, blank=blank.number)
    return paper


def _void(draft: Draft, actor: User, at: datetime) -> None:
    """Void the paper, because another takes its place; pages that show the old one are refused."""
    void_paper(draft, at)
    draft.touch(actor, at)
    draft.save()


def _typed(number: str) -> int | None:
    """Return the key of a blank as it was typed; None when it is misread."""
    written = typeset.without_seal(texts.clean_code(number))
    try:
        return random_keys.number_of(written.removeprefix("B"))
    except ValueError:
        return None


def _next_reference(act: DeskAct) -> str:
    """Return the next paper's reference: D-… for a Declaration, K-… for others."""
    key = random_keys.drawn()
    reference = random_keys.numbered("D" if act.is_declaration else "K", key)
    taken = Paper.objects.filter(reference=reference)
    if taken.exists() or Declaration.objects.filter(pk=key).exists():
        return _next_reference(act)
    return reference


def _declaration(sheet: _Sheet) -> bytes:
    draft, cleaned = sheet.draft, sheet.form.cleaned_data
    return declaration.render(
        Declaration(
            pk=random_keys.number_of(sheet.reference[2:]),
            contract=draft.contract,
            group=sheet.act.group,
            member=MemberOf.found(sheet.act.group, cleaned["member"]),
            channel=DeclarationChannel.STORE,
            signatory_name=identification.signatory(draft.contract, cleaned),
            evidence=identification.evidence(draft.contract, cleaned),
            declared_at=sheet.at,
            recorded_by=sheet.actor,
            store=draft.store,
        ),
        seal=sheet.seal,
    )


def _request(sheet: _Sheet) -> bytes:
    act, store = sheet.act, sheet.draft.store
    when = f"{timezone.localtime(sheet.at):%d.%m.%Y %H:%M}"
    in_force = f" · {terms.in_force(act.group, sheet.at)}" if act.group else ""
    return typeset.compiled(
        typeset.paper(
            title=act.title,
            reference=sheet.reference,
            seal=sheet.seal,
            footer=f"Klik-ON{in_force}",
            parts=[
                *_said(act, sheet.form),
                typeset.part(
                    _("When and where"),
                    (_("Date"), when),
                    (_("Shop"), f"{store.name}, {store.place}"),
                    (_("Served by"), sheet.actor.shown_name),
                ),
            ],
            sentences=[act.consequence],
            signatures=[
                identification.signatory(act.contract, sheet.form.cleaned_data),
                declaration.FOR_THE_OPERATOR,
            ],
        )
    )


def _said(act: DeskAct, form: IdentifiedForm) -> list[dict[str, Any]]:
    signed_by = identification.signatory(act.contract, form.cleaned_data)
    return [
        typeset.part(_("What it is about"), *act.subject()),
        typeset.part(_("What is asked for"), (_("Request"), act.title), *act.asked(form)),
        typeset.part(_("Who asks"), *act.known(form), (_("Signed by"), signed_by)),
    ]

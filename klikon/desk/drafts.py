"""Open a request, type into it, put it aside and take it up again: anybody of its shop may.

Every verb of the desk locks the draft's row FOR UPDATE first, before any lock of the rooms below.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from groups.models import Contract
from klikon.desk.acts import DeskAct, act_of
from klikon.desk.models import Draft, DraftState, Paper
from klikon.desk.refusals import AnotherStands, ChangedMeanwhile, NotOpen
from superfamilja.accounts.models import Store, User
from superfamilja.audit import acts
from superfamilja.web.typed import without_nul

Typed = Mapping[str, str]
NOT_KEPT = ("personal_number",)
_LONGEST = 2000


@transaction.atomic
def start(
    *,
    contract: Contract,
    act: str,
    store: Store,
    actor: User,
    at: datetime,
    typed: Typed | None = None,
) -> Draft:
    """Open a request, or take up the open one of this act, contract and shop.

    Raise KeyError for an unknown act, and the act's own refusal when it is impossible at present.
    """
    asked = act_of(act, contract)
    if standing := _standing(contract, act, store):
        return standing
    if refusal := asked.obstacle():
        raise refusal
    draft = Draft.objects.create(
        store=store,
        contract=contract,
        act=act,
        typed=_kept(asked, typed or {}),
        opened_by=actor,
        opened_at=at,
        changed_by=actor,
        changed_at=at,
    )
    record("open_draft", draft, actor, at)
    return draft


@transaction.atomic
def save(
    *, draft: Draft, typed: Typed, version: int, actor: User, at: datetime, is_checked: bool = False
) -> Draft:
    """Store what was typed, unchanged. A paper that says something else becomes void.

    `version` is that of the page that was typed into. Raises NotOpen, ChangedMeanwhile.
    """
    draft = open_one(draft)
    kept = _kept(act_of(draft.act, draft.contract), typed)
    if kept == draft.typed and is_checked == draft.is_checked:
        return draft
    if version != draft.version and kept != draft.typed:
        raise ChangedMeanwhile(
            name=draft.changed_by.shown_name,
            time=f"{timezone.localtime(draft.changed_at):%H:%M}",
        )
    if kept != draft.typed:
        void_paper(draft, at)
        draft.handled_by.add(actor)
    draft.typed, draft.is_checked = kept, is_checked
    draft.touch(actor, at)
    draft.save()
    return draft


@transaction.atomic
def discard(*, draft: Draft, actor: User, at: datetime) -> Draft:
    """Discard the request and void its paper; `restore` brings it back. Raise NotOpen."""
    draft = locked(draft)
    if draft.state not in {DraftState.OPEN, DraftState.WAITING}:
        raise NotOpen
    void_paper(draft, at)
    draft.state = DraftState.DISCARDED
    draft.touch(actor, at)
    draft.save()
    record("discard_draft", draft, actor, at)
    return draft


@transaction.atomic
def restore(*, draft: Draft, actor: User, at: datetime) -> Draft:
    """Undo `discard`: the typed text is back, and the paper must be printed again.

    Raise NotOpen, and AnotherStands when the same was begun again since.
    """
    draft = locked(draft)
    if draft.state != DraftState.DISCARDED:
        raise NotOpen
    if _standing(draft.contract, draft.act, draft.store):
        raise AnotherStands
    draft.state, draft.sent_by, draft.sent_at, draft.is_checked = DraftState.OPEN, None, None, False
    draft.touch(actor, at)
    draft.save()
    record("restore_draft", draft, actor, at)
    return draft


def locked(draft: Draft) -> Draft:
    """Return the present draft, its row locked."""
    # Locked before it is joined: a query that waited would find no row after `changed_by` changed.
    Draft.objects.select_for_update().only("pk").get(pk=draft.pk)
    rows = Draft.objects.select_related("contract", "store", "changed_by", "opened_by")
    return rows.get(pk=draft.pk)


def open_one(draft: Draft) -> Draft:
    """Return the draft, locked, if it is open. Raise NotOpen."""
    draft = locked(draft)
    if not draft.is_open:
        raise NotOpen
    return draft


def paper_of(draft: Draft) -> Paper | None:
    """Return the paper that is not void."""
    return draft.papers.select_related("blank", "made_by").filter(voided_at=None).first()


def void_paper(draft: Draft, at: datetime) -> None:
    """Void the paper, because what was typed has changed. A code for it becomes worthless."""
    draft.papers.filter(voided_at=None).update(voided_at=at)
    draft.code_pk = draft.code_sent_at = None


def record(
    verb: str, draft: Draft, actor: User, at: datetime, reason: str = "", **more: Any
) -> None:
    """Record who did it, on which request, where."""
    acts.record(
        verb,
        actor=actor,
        at=at,
        contract_number=draft.contract.number,
        reason=reason,
        draft=draft.pk,
        act=draft.act,
        store=draft.store.code,
        **more,
    )


def _standing(contract: Contract, act: str, store: Store) -> Draft | None:
    """Return this act's open request of this shop, and block a second one until the commit."""
    # The contract's row, locked in a mode for which no charge waits.
    Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    return Draft.objects.of_a_kind(contract, act, store).first()


def _kept(act: DeskAct, typed: Typed) -> dict[str, str]:
    """Return the fields of the act's form, without the personal number, which is never stored."""
    fields = [name for name in act.form().fields if name not in NOT_KEPT]
    sent = {name: without_nul(typed.get(name, ""))[:_LONGEST] for name in fields}
    return {name: value for name, value in sent.items() if value}

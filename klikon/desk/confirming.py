"""Put a signed request into force: at once, or after the word of a second person.

A signature alone does not name a Mobile Leader, because that lets somebody spend the payer's money.
Either a code proves the payer's own phone, or a manager approves the signed paper. That manager is
never the clerk, and the payer is told by letter and on the next bill.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from groups import proof, terms
from klikon.desk import identification
from klikon.desk.acts import DeskAct, Signed
from klikon.desk.day import letters
from klikon.desk.drafts import locked, open_one, record
from klikon.desk.identification import IdentifiedForm
from klikon.desk.models import Draft, DraftState, Paper
from klikon.desk.papers import scanning, signed_papers
from klikon.desk.papers.printing import filled_in, signed_paper
from klikon.desk.refusals import (
    ContactInDoubt,
    NotOpen,
    NotWhatWasSeen,
    NotYourOwn,
    RequestNotWaiting,
    ScanMissing,
    SignatureIsEnough,
    WordMissing,
)
from klikon.models import LeaderAssignment
from klikon.papers import declaration
from klikon.payer import limits
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.customers import codes
from superfamilja.customers.models import CODE_LIVES
from superfamilja.customers.refusals import CodeRefused
from superfamilja.messages.outbox import Sms, sms_of
from superfamilja.values import phone

PURPOSE = "declare_in_a_shop"


def number_for_codes(draft: Draft, at: datetime) -> str | None:
    """Return the number whose codes speak for the Fixed Leader: the one proven last (R31).

    Return None when it changed hands (R26).
    """
    return proof.number_for_codes(draft.contract, at)


def send_code(
    *, draft: Draft, actor: User, at: datetime, address: str, is_first: bool = False
) -> None:
    """Send the Fixed Leader the code that he reads out: for this paper and no other.

    With `is_first` a paper whose code was sent already gets no other one. Raises NotOpen,
    NotFilledIn, NoPaper, PaperOutdated, SignatureIsEnough, ContactInDoubt, WaitForTheNext,
    TooManyCodesAtCounters.
    """
    act, form = _asking_word(draft)
    paper = signed_paper(draft, act)
    to = number_for_codes(draft, at)
    if to is None:
        raise ContactInDoubt
    with transaction.atomic():
        now = open_one(draft)
        if is_first and now.code_pk:
            return
        sent = codes.send(
            msisdn=to,
            purpose=PURPOSE,
            about=paper.reference,
            at=at,
            address=address,
            at_a_counter=True,
            sms=lambda digits: _code_sms(to, digits, draft, (act, form, paper), at),
        )
        now.code_pk, now.code_sent_at = sent.pk, at
        now.save(update_fields=["code_pk", "code_sent_at"])
        record("send_code", now, actor, at, paper=paper.reference, number=phone.masked(to))


def _code_sms(
    to: str, digits: str, draft: Draft, asked: tuple[DeskAct, IdentifiedForm, Paper], at: datetime
) -> Sms:
    act, form, paper = asked
    contract, leader = draft.contract, act.led_by(form)
    facts: dict[str, str | int] = {"code": digits, "shop": draft.store.name}
    if leader is None:
        with override(contract.language):
            facts |= {"asked": act.code_is_for(form), "reference": paper.reference}
    else:
        limit_lek = limits.group_limit_lek(leader.group, terms.in_force(leader.group, at))
        facts |= {"leader_number": leader.msisdn, "limit_lek": limit_lek}
    template = "code_for_shop" if leader else "code_for_paper"
    expires_at = at + CODE_LIVES
    return sms_of(contract, to, template, facts, why=PURPOSE, about="", expires_at=expires_at)


def confirm(*, draft: Draft, version: int, actor: User, at: datetime, code: str = "") -> Draft:
    """Do what the customer signed for, once, however often it is sent.

    `version` is that of the page that was looked at. `code` is what the Fixed Leader read out, when
    the act needs their word. Raises NotOpen, NotFilledIn, NoPaper, PaperOutdated, NotWhatWasSeen,
    WordMissing, CodeOver, CodeWrong, and what the act's verb raises.
    """
    with transaction.atomic():
        draft = locked(draft)
        if draft.state == DraftState.DONE:
            return draft
        if not draft.is_open:
            raise NotOpen
        act, _form = filled_in(draft)
        paper = signed_paper(draft, act)
        _require_seen(draft, version)
        try:
            if act.asks_word:
                _require_read_out(draft, paper, code, at)
        except CodeRefused as refused:
            wrong = refused  # the try must count, so this transaction commits
        else:
            # The code is used up only by the act that it brought into force.
            code_pk = draft.code_pk if act.asks_word else None
            return _done(draft, paper, actor, at, code=code_pk)
    raise wrong


@transaction.atomic
def send_for_approval(*, draft: Draft, actor: User, at: datetime) -> Draft:
    """Send the signed scan to the manager, because the payer has no working phone.

    Raises NotOpen, NoPaper, PaperOutdated, SignatureIsEnough, NotFilledIn, ScanMissing.
    """
    draft = open_one(draft)
    act, _form = _asking_word(draft)
    paper = signed_paper(draft, act)
    if not paper.scans.standing().exists():
        raise ScanMissing
    draft.state, draft.sent_by, draft.sent_at = DraftState.WAITING, actor, at
    draft.returned_because = ""
    draft.handled_by.add(actor)
    draft.touch(actor, at)
    draft.save()
    record("send_for_approval", draft, actor, at, paper=paper.reference)
    return draft


@transaction.atomic
def approve(*, draft: Draft, version: int, actor: User, at: datetime) -> Draft:
    """Approve as a second person: the request comes into force, and a letter goes out.

    `version` is that of the page that was looked at, because a request taken back and sent again is
    another one. Raises RequestNotWaiting, PaperOutdated, NotYourOwn, NotWhatWasSeen, AccountHeld,
    ScanNotProven, and what the act's verb raises.
    """
    holding.require_free(actor, at)
    draft = _waiting(draft)
    act, form = filled_in(draft)
    paper = signed_paper(draft, act)
    if actor.pk in served_by(draft, paper):
        raise NotYourOwn
    _require_seen(draft, version)
    scanning.require_proven(paper)
    member = act.led_by(form)
    by_letter = act.is_told_by_letter and member is not None
    done = _done(draft, paper, actor, at, by_letter=by_letter, second=actor)
    record("approve_draft", draft, actor, at, paper=paper.reference)
    if by_letter and member:
        letters.write(paper=paper, member=member, store=draft.store, at=at)
    return done


@transaction.atomic
def send_back(*, draft: Draft, actor: User, at: datetime, reason: str) -> Draft:
    """Send the request back to the clerk, with what is wrong.

    Raises RequestNotWaiting, NotYourOwn, ReasonMissing.
    """
    draft = _waiting(draft)
    acts.require_reason(actor, reason)
    if actor.pk == draft.sent_by_id:
        raise NotYourOwn
    record("send_back_draft", draft, actor, at, reason=reason)
    draft.state, draft.sent_by, draft.sent_at = DraftState.OPEN, None, None
    draft.returned_because = reason.strip()
    draft.touch(actor, at)
    draft.save()
    return draft


def _asking_word(draft: Draft) -> tuple[DeskAct, IdentifiedForm]:
    act, form = filled_in(draft)
    if not act.asks_word:
        raise SignatureIsEnough
    return act, form


def served_by(draft: Draft, paper: Paper) -> frozenset[int]:
    """Return everybody who served it; none of them may be the second person.

    Serving is opening, typing, printing, scanning or sending.
    """
    return signed_papers.served_by(paper)


def _waiting(draft: Draft) -> Draft:
    draft = locked(draft)
    if draft.state != DraftState.WAITING:
        raise RequestNotWaiting
    return draft


def _require_seen(draft: Draft, version: int) -> None:
    if version != draft.version:
        time = f"{timezone.localtime(draft.changed_at):%H:%M}"
        raise NotWhatWasSeen(name=draft.changed_by.shown_name, time=time)


def _require_read_out(draft: Draft, paper: Paper, code: str, at: datetime) -> None:
    """Raise WordMissing, ContactInDoubt, CodeOver or CodeWrong, unless it is the right code."""
    if not (code and draft.code_pk):
        raise WordMissing
    number = number_for_codes(draft, at)
    if number is None:
        raise ContactInDoubt
    codes.check(
        draft.code_pk, msisdn=number, purpose=PURPOSE, about=paper.reference, typed=code, at=at
    )


def _done(
    draft: Draft,
    paper: Paper,
    actor: User,
    at: datetime,
    *,
    by_letter: bool = False,
    code: int | None = None,
    second: User | None = None,
) -> Draft:
    act, form = filled_in(draft)
    cleaned = form.cleaned_data
    outcome = act.perform(
        Signed(
            paper=paper,
            store=draft.store,
            actor=actor,
            at=at,
            by_letter=by_letter,
            code=code,
            second=second,
            signatory=identification.signatory(draft.contract, cleaned),
            cleaned=cleaned,
            shown=identification.evidence(draft.contract, cleaned),
        )
    )
    if isinstance(outcome, LeaderAssignment) and act.is_declaration:
        draft.declaration = outcome.declaration
        if outcome.declaration.by_letter and not by_letter:
            # R31: the contact mobile changed lately, and no code to the one before proved the
            # change.
            letters.write(paper=paper, member=outcome.member, store=draft.store, at=at)
        if paper.content:
            declaration.keep(outcome.declaration, bytes(paper.content))
    draft.state, draft.done_by, draft.done_at = DraftState.DONE, actor, at
    draft.touch(actor, at)
    draft.save()
    return draft

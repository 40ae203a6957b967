"""A held account may not approve, credit or administer: each verb refuses by itself (R35)."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from billing import outcomes
from billing.credits import give_credit
from billing.models import Credit, CreditKind
from billing.month import close_requests, closing, figures, parked
from groups import personal_number
from klikon.catalogue import price_correction
from klikon.comparison import deciding
from klikon.comparison import ending as halting
from klikon.comparison.models import ComparedOrder, Ending
from klikon.desk import confirming
from klikon.desk.day import day_end
from klikon.desk.models import DayEnd, Draft, Scan
from klikon.desk.papers import scanning
from klikon.leader import leadership
from klikon.models import LeaderAssignment, Package
from klikon.provisioning import decisions
from klikon.provisioning.models import Order, UnknownCallback
from superfamilja.accounts import roles, staff
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.accounts.second_person.holding import AccountHeld
from superfamilja.accounts.store_register import store_acts
from superfamilja.refusal import Refusal
from tests.factories import ContractFactory, at
from tests.signing_in import shop, staff_member
from tests.staff import months

# These acts need rows of their own to go beyond the first check; other tests show that they work.
NEED_MORE = {
    "declaration",
    "callback",
    "ending",
    "ending confirmed",
    "end of a standstill",
    "tries",
    "tries of a person",
    "price",
    "scan",
    "mistake",
}
pytestmark = pytest.mark.django_db
NOW = at("2026-11-20 10:00")
SENTENCE = "The printer lost the corner with the code, the signature is whole"
SAID: dict[str, Any] = {"at": NOW, "reason": "because"}


@pytest.fixture
def held() -> User:
    return staff_member(roles.BILLING_REVIEWER, held_until=NOW + timedelta(minutes=1))


@pytest.fixture
def acts() -> dict[str, Callable[..., Any]]:
    """Return every verb that approves, credits or administers, complete but for person and time."""
    entry = months.parked()
    charge = months.settled(ContractFactory(), 500, "2026-11-05 12:00")
    month = {"month": months.OCTOBER}
    return {
        "close": partial(closing.close_month, **month),
        "ask to close": partial(
            close_requests.ask, **month, expected=figures.live(months.OCTOBER), key="k"
        ),
        "cancel": partial(closing.cancel_close, **month),
        "approve": partial(closing.approve_month, **month),
        "credit": partial(give_credit, charge=charge, amount_lek=100, key="c"),
        "reverse": partial(outcomes.reverse, reference=charge.reference),
        "recount": partial(parked.recount, parked=entry),
        "propose": partial(parked.propose_acceptance, parked=entry),
        "accept": partial(parked.accept, parked=entry),
        "declaration": lambda actor, at, reason: confirming.approve(
            draft=Draft(), version=1, actor=actor, at=at
        ),
        **{
            f"order {verb.__name__}": partial(verb, order=Order())
            for verb in (decisions.mark_done, decisions.reverse, decisions.ask_again)
        },
        "callback": partial(decisions.close_callback, kept=UnknownCallback()),
        "ending": partial(deciding.propose_ending, lines=[], how=Ending.ACCEPTED),
        "ending confirmed": partial(
            deciding.confirm_ending, line=ComparedOrder(), expected=Ending.ACCEPTED
        ),
        "end of a standstill": partial(halting.propose_end, send_waiting=False),
        "tries": lambda actor, at, reason: personal_number.release_contract(
            contract=ContractFactory(), actor=actor, at=at, reason=SENTENCE
        ),
        "tries of a person": lambda actor, at, reason: personal_number.release_person(
            person=staff_member(roles.STORE_CLERK, username="k"),
            actor=actor,
            at=at,
            reason=SENTENCE,
        ),
        "price": partial(price_correction.correct_price, package=Package(), list_price_lek=900),
        "scan": lambda actor, at, reason: scanning.vouch(
            scan=Scan(), actor=actor, at=at, reason=SENTENCE
        ),
        "mistake": partial(leadership.cancel, assignment=LeaderAssignment()),
        "filing": lambda actor, at, reason: day_end.file_papers(
            store=shop(), papers=[], actor=actor, at=at
        ),
        "end of a day": lambda actor, at, reason: day_end.close_day(
            store=shop(), actor=actor, at=at
        ),
        "letters": lambda actor, at, reason: day_end.post_letters(
            store=shop(), chosen=[], actor=actor, at=at
        ),
    }


def ended(act: Callable[..., Any], actor: User) -> str:
    """Return how the verb ended: done, or the code of its refusal."""
    try:
        act(actor=actor, **SAID)
    except Refusal as refusal:
        return refusal.code
    return "done"


def test_every_verb_refuses_a_held_account(held, acts):
    assert {name: ended(act, held) for name, act in acts.items()} == dict.fromkeys(
        acts, "account_held"
    )


def test_every_verb_refuses_a_disabled_account(acts):
    shut = staff_member(roles.BILLING_REVIEWER, is_active=False)
    assert {name: ended(act, shut) for name, act in acts.items()} == dict.fromkeys(
        acts, "account_shut"
    )


def test_control_who_is_not_held_is_stopped_by_no_such_word(acts):
    free = staff_member(roles.BILLING_REVIEWER)
    found = {
        ended(act, free)
        for name, act in acts.items()
        if name not in NEED_MORE and not name.startswith("order")
    }
    assert not found & {"account_held", "account_shut"}


def test_administering_refuses_a_held_account():
    ada = staff_member(roles.ADMINISTRATOR, held_until=NOW + timedelta(minutes=1))
    clerk = staff_member(roles.STORE_CLERK)
    for act in (
        partial(staff.disable_staff, user=clerk),
        partial(staff.enable_staff, user=clerk),
        partial(staff.give_temporary_password, user=clerk),
        partial(store_acts.shut_store, store=shop()),
        partial(store_acts.make_store, code="D08", name="x", place="y"),
    ):
        with pytest.raises(AccountHeld):
            act(actor=ada, **SAID)


def test_a_held_person_does_not_begin_a_database(held, settings, tmp_path):
    settings.EPOCH_FILE = tmp_path / "mark"
    with pytest.raises(AccountHeld):
        halting.begin_here(actor=held, **SAID)


def test_when_the_day_is_over_it_acts_again(held):
    holding.require_free(held, NOW + timedelta(minutes=1))
    with pytest.raises(AccountHeld):
        holding.require_free(held, NOW + timedelta(seconds=59))


def test_the_sentence_says_until_when():
    assert AccountHeld(until=NOW).text("en") == (
        "Your account was changed by administrators a short time ago. Until 20.11.2026 10:00 "
        "it reads, and approves, credits and administers nothing. A colleague can do it now."
    )


def test_the_database_refuses_an_end_of_the_day_under_a_held_name(held):
    row = {"store": shop(), "day": NOW.date(), "closed_at": NOW, "closed_by": held}
    with pytest.raises(IntegrityError, match="is held"), transaction.atomic():
        DayEnd.objects.create(**row, printed=0, signed=0, scanned=0, filed=0)


def test_the_database_refuses_a_credit_under_a_held_name(held):
    charge = months.settled(ContractFactory(), 500, "2026-11-05 12:00")
    with pytest.raises(IntegrityError, match="is held"), transaction.atomic():
        Credit.objects.create(
            contract_id=charge.contract_id,
            charge=charge,
            entry_id=charge.entry_id,
            month=charge.month,
            amount_lek=1,
            kind=CreditKind.GOODWILL,
            reason="x",
            key="x",
            credited_at=NOW,
            author=held,
        )

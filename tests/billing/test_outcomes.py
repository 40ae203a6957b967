"""How a held charge ends (R13, R29): settled, or reversed whole."""

import pytest

from billing import outcomes
from billing.models import Charge, Reversal
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from tests.factories import ContractFactory, at, charge, entry
from tests.signing_in import staff_member

pytestmark = pytest.mark.django_db

NOW = at("2026-11-05 14:06")
LATER = at("2026-11-06 09:00")
FAILED = "the charging system refused"


def reverse(posted: Charge, **also: object) -> Charge:
    return outcomes.reverse(
        reference=posted.reference,
        **{"at": NOW, "reason": FAILED, **also},  # type: ignore[arg-type]
    )


def test_r29_a_charge_is_held_until_its_outcome_is_known() -> None:
    posted = charge(ContractFactory(), 500)
    assert (posted.state, posted.outcome_at) == ("held", None)


def test_r29_a_settled_charge_stands_and_counts_as_before() -> None:
    posted = charge(ContractFactory(), 500)
    settled = outcomes.settle(reference=posted.reference, at=NOW)
    assert (settled.state, settled.outcome_at) == ("settled", NOW)
    assert entry(posted.contract).spent == 500


def test_r29_settling_twice_changes_nothing() -> None:
    posted = charge(ContractFactory(), 500)
    outcomes.settle(reference=posted.reference, at=NOW)
    again = outcomes.settle(reference=posted.reference, at=LATER)
    assert (again.state, again.outcome_at) == ("settled", NOW)


def test_e10_a_charge_that_fails_is_reversed_and_gives_its_room_back() -> None:
    contract = ContractFactory()
    for _ in range(11):
        charge(contract, 500)
    failed = charge(contract, 500)
    assert entry(contract).spent == 6000
    reverse(failed)
    assert (entry(contract).spent, entry(contract).total_lek) == (5500, 5500)


def test_e10_both_facts_stay_in_the_history() -> None:
    posted = charge(ContractFactory(), 500)
    reverse(posted)
    posted.refresh_from_db()
    assert (posted.state, posted.amount_lek, posted.reversal.reason) == ("reversed", 500, FAILED)


def test_r13_the_room_that_came_back_can_be_spent() -> None:
    contract = ContractFactory()
    failed = charge(contract, 6500)
    reverse(failed)
    assert charge(contract, 6500).spent_after == 6500


def test_r13_reversing_twice_gives_the_room_back_once() -> None:
    contract = ContractFactory()
    failed = charge(contract, 500)
    charge(contract, 800)
    reverse(failed)
    reverse(failed, at=LATER)
    assert entry(contract).spent == 800
    assert Reversal.objects.get().reversed_at == NOW


def test_r13_a_settled_charge_of_the_open_month_is_reversed_with_its_room() -> None:
    posted = charge(ContractFactory(), 500)
    outcomes.settle(reference=posted.reference, at=NOW)
    reverse(posted, at=LATER)
    assert entry(posted.contract).spent == 0
    posted.refresh_from_db()
    assert (posted.state, posted.outcome_at) == ("reversed", NOW)


def test_r29_a_reversed_charge_cannot_be_settled() -> None:
    posted = charge(ContractFactory(), 500)
    reverse(posted)
    with pytest.raises(outcomes.AlreadyReversed):
        outcomes.settle(reference=posted.reference, at=LATER)
    assert entry(posted.contract).spent == 0


def test_r2_staff_say_why_and_it_is_an_act() -> None:
    posted = charge(ContractFactory(number="FX 9"), 500)
    actor = staff_member("billing reviewer")
    with pytest.raises(ReasonMissing):
        reverse(posted, actor=actor, reason=" ")
    reverse(posted, actor=actor, reason="asked in writing")
    act = Act.objects.get(verb="reverse_charge")
    assert (act.actor, act.contract_number, act.reason) == (actor, "FX 9", "asked in writing")
    assert act.details == {"charge": posted.reference, "amount_lek": 500}


def test_the_system_needs_no_reason_of_its_own_and_leaves_no_act_of_staff() -> None:
    reverse(charge(ContractFactory(), 500))
    assert not Act.objects.filter(verb="reverse_charge").exists()


def test_a_reference_that_nobody_posted_is_an_error() -> None:
    with pytest.raises(Charge.DoesNotExist):
        outcomes.settle(reference="T-0", at=NOW)

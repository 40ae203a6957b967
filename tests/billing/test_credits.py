"""Credits name the charge that they correct and stay within it (R13, E15)."""

import pytest

from billing import outcomes
from billing.credits import ChargeNotSettled, CreditKeyUsed, CreditTooLarge, give_credit
from billing.models import Charge, Credit
from superfamilja.accounts.models import User
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from tests.factories import ContractFactory, at, charge, entry
from tests.signing_in import staff_member

pytestmark = pytest.mark.django_db

NOW = at("2026-11-20 10:00")


@pytest.fixture
def agent() -> User:
    return staff_member("care agent")


def settled(amount_lek: int = 500) -> Charge:
    posted = charge(ContractFactory(), amount_lek)
    return outcomes.settle(reference=posted.reference, at=NOW)


def credit(posted: Charge, amount_lek: int, agent: User, key: str = "1", **also: str) -> Credit:
    return give_credit(
        charge=posted,
        amount_lek=amount_lek,
        key=key,
        at=NOW,
        actor=agent,
        reason=also.get("reason", "the shop was slow"),
    )


def test_e15_a_credit_lowers_the_bill_and_gives_no_room_back(agent: User) -> None:
    contract = ContractFactory()
    posted = [charge(contract, 500) for _ in range(13)]
    outcomes.settle(reference=posted[0].reference, at=NOW)
    credit(posted[0], 500, agent)
    after = entry(contract)
    assert (after.total_lek, str(after.vat_lek), after.spent) == (6000, "1000.00", 6500)


def test_r13_a_credit_names_its_charge_its_month_and_its_author(agent: User) -> None:
    posted = settled()
    given = credit(posted, 200, agent)
    assert (given.charge, given.month.isoformat(), given.kind) == (posted, "2026-11-01", "goodwill")
    assert (given.author, given.reason) == (agent, "the shop was slow")
    assert given.entry == entry(posted.contract)


def test_r13_credits_together_never_exceed_their_charge(agent: User) -> None:
    posted = settled()
    credit(posted, 300, agent, key="1")
    with pytest.raises(CreditTooLarge) as refused:
        credit(posted, 201, agent, key="2")
    assert refused.value.text("en") == (
        "Reversal and credits together never exceed their charge: at most 200 Lekë more."
    )
    credit(posted, 200, agent, key="3")
    assert entry(posted.contract).total_lek == 0


@pytest.mark.parametrize("amount", [0, -1, 501])
def test_r13_nothing_less_than_one_lek_and_nothing_above_the_charge(
    amount: int, agent: User
) -> None:
    with pytest.raises(CreditTooLarge):
        credit(settled(), amount, agent)
    assert not Credit.objects.exists()


def test_r29_a_charge_that_is_being_verified_is_not_credited(agent: User) -> None:
    with pytest.raises(ChargeNotSettled):
        credit(charge(ContractFactory(), 500), 100, agent)


def test_a_reversed_charge_is_not_credited(agent: User) -> None:
    posted = charge(ContractFactory(), 500)
    outcomes.reverse(reference=posted.reference, at=NOW, reason="failed")
    with pytest.raises(ChargeNotSettled):
        credit(posted, 100, agent)


def test_r13_a_credited_charge_is_not_reversed_whole(agent: User) -> None:
    posted = settled()
    credit(posted, 100, agent)
    with pytest.raises(outcomes.AlreadyCredited):
        outcomes.reverse(reference=posted.reference, at=NOW, reason="failed")
    assert entry(posted.contract).total_lek == 400


def test_r21_the_same_key_gives_the_same_credit_again(agent: User) -> None:
    posted = settled()
    assert credit(posted, 100, agent) == credit(posted, 100, agent)
    assert entry(posted.contract).total_lek == 400


def test_r21_the_same_key_for_something_else_is_refused(agent: User) -> None:
    posted = settled()
    credit(posted, 100, agent)
    with pytest.raises(CreditKeyUsed):
        credit(posted, 200, agent)
    assert entry(posted.contract).total_lek == 400


def test_r2_a_credit_without_a_reason_is_refused(agent: User) -> None:
    with pytest.raises(ReasonMissing):
        credit(settled(), 100, agent, reason="  ")


def test_giving_a_credit_is_an_act(agent: User) -> None:
    posted = settled()
    credit(posted, 100, agent)
    act = Act.objects.get(verb="give_credit")
    assert (act.actor, act.contract_number) == (agent, posted.contract.number)
    assert act.details == {"charge": posted.reference, "amount_lek": 100, "told": "correction"}

"""Count every Lek of the file again from the lines alone, without the entries (R14)."""

import random
from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from billing import outcomes
from billing.credits import give_credit
from billing.models import Charge, ParkedEntry
from billing.month.export import export_month
from billing.month.parked import recount
from tests.billing.closing import approve, close, reviewer
from tests.factories import ContractFactory, at, charge

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
SECOND = at("2026-11-02 09:00")

# Charges − reversals + credits (which are negative) − carried out + carried in. The sum reads
# nothing from billing_billentry and shares no code with billing.
_COUNTED = """
SELECT (SELECT coalesce(sum(amount_lek), 0) FROM billing_charge WHERE month = %(m)s)
     - (SELECT coalesce(sum(c.amount_lek), 0) FROM billing_reversal r
        JOIN billing_charge c ON c.id = r.charge_id
        WHERE c.month = %(m)s AND c.id NOT IN (
            SELECT charge_id FROM billing_carriedcharge WHERE withdrawn_at IS NULL))
     + (SELECT coalesce(-sum(amount_lek), 0) FROM billing_credit WHERE month = %(m)s)
     - (SELECT coalesce(sum(c.amount_lek), 0) FROM billing_carriedcharge k
        JOIN billing_charge c ON c.id = k.charge_id
        WHERE k.from_month = %(m)s AND k.withdrawn_at IS NULL)
     + (SELECT coalesce(sum(c.amount_lek), 0) FROM billing_carriedcharge k
        JOIN billing_charge c ON c.id = k.charge_id
        WHERE k.into_month = %(m)s)
"""


def counted(month: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, {"m": month})
        return int(cursor.fetchone()[0])


def of_the_files(folder: Path) -> int:
    """Return the amounts of every line, and of the trailers, which must be the same."""
    lines = trailers = 0
    for path in export_month(OCTOBER, folder, at=SECOND).paths:
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            amount = int(line.rsplit(",", 2)[1])
            if line.startswith("TRAILER"):
                trailers += amount
            else:
                lines += amount
    assert lines == trailers
    return lines


def live_through(seed: int) -> None:
    """Live through two months of a dozen contracts, with every outcome that a charge can have."""
    chance = random.Random(seed)  # noqa: S311
    contracts = ContractFactory.create_batch(12)
    late: list[Charge] = []
    for month in ("2026-09", "2026-10"):
        for contract in contracts:
            for day in chance.sample(range(2, 28), 3):
                moment = f"{month}-{day:02} 12:00"
                posted = charge(contract, chance.choice([500, 800, 1000, 1300]), moment)
                match chance.choice(["settled", "settled", "credited", "reversed", "held"]):
                    case "settled":
                        outcomes.settle(reference=posted.reference, at=at(moment))
                    case "credited":
                        give_credit(
                            charge=outcomes.settle(reference=posted.reference, at=at(moment)),
                            amount_lek=chance.randint(1, 500),
                            key=posted.reference,
                            at=at(moment),
                            actor=reviewer(),
                            reason="slow",
                        )
                    case "reversed":
                        outcomes.reverse(reference=posted.reference, at=at(moment), reason="failed")
                    case "held" if month == "2026-09":
                        late.append(posted)
        if month == "2026-09":
            close(month)
            for posted in late:
                if chance.random() < 0.5:
                    outcomes.settle(reference=posted.reference, at=at("2026-10-02 10:00"))
                else:
                    outcomes.reverse(
                        reference=posted.reference, at=at("2026-10-02 10:00"), reason="failed"
                    )


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_the_file_sums_to_charges_less_reversals_and_credits_less_carried_out_and_carried_in(
    seed: int, tmp_path: Path
) -> None:
    live_through(seed)
    close("2026-10")
    approve("2026-10")
    assert counted(OCTOBER) > 0
    assert of_the_files(tmp_path) == counted(OCTOBER)


def test_what_happens_after_the_close_changes_neither(tmp_path: Path) -> None:
    live_through(6)
    close("2026-10")
    before = counted(OCTOBER)
    for posted in Charge.objects.filter(month=OCTOBER).exclude(state="reversed"):
        outcomes.reverse(reference=posted.reference, at=SECOND, reason="never came")
    approve("2026-10")
    assert of_the_files(tmp_path) == counted(OCTOBER) == before


def test_a_parked_entry_is_missing_until_its_supplement(tmp_path: Path) -> None:
    live_through(7)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_billentry SET spent = spent - 1, ceiling = ceiling WHERE id = "
            "(SELECT id FROM billing_billentry WHERE month = %s AND spent > 0 LIMIT 1)",
            [OCTOBER],
        )
    close("2026-10")
    approve("2026-10")
    parked = ParkedEntry.objects.get()
    missing = parked.entry.total_lek + 1
    assert of_the_files(tmp_path / "a") == counted(OCTOBER) - missing
    recount(parked=parked, at=SECOND, actor=reviewer(), reason="lines checked")
    assert of_the_files(tmp_path / "b") == counted(OCTOBER)

"""The command that closes a month, and closes of a page that is out of date (R13)."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from billing import charges, outcomes
from billing.models import BillMonth, CarriedCharge
from billing.month import closing, figures
from superfamilja.audit.models import Act
from tests.billing.closing import close, reviewer, settled, spoil
from tests.factories import ContractFactory, at, charge
from tests.signing_in import staff_member

pytestmark = pytest.mark.django_db

NOVEMBER = date(2026, 11, 1)
IN_NOVEMBER = at("2026-11-06 09:00")
THIRD = at("2026-12-03 10:00")


class TestTheCommand:
    def run(self, *arguments: str) -> str:
        said = StringIO()
        call_command("close_month", *arguments, stdout=said)
        return said.getvalue()

    def test_it_prints_the_totals_and_the_difference_to_the_month_before(self) -> None:
        actor = staff_member("billing reviewer", "shpresa")
        contract = ContractFactory()
        settled(contract, 500, "2025-09-05 12:00")
        settled(contract, 800, "2025-10-05 12:00")
        self.run("2025-09", "--by", actor.username)
        lines = self.run("2025-10", "--by", actor.username).splitlines()
        assert lines[0].split() == ["10/2025", "09/2025", "ndryshimi"]
        charged = next(line for line in lines if "Lekë" in line)
        assert charged.split()[-6:] == ["800", "Lekë", "500", "Lekë", "300", "Lekë"]

    def test_only_who_may_close_closes(self) -> None:
        actor = staff_member("care agent", "alba")
        for name in (actor.username, "nobody"):
            with pytest.raises(CommandError):
                self.run("2025-10", "--by", name)

    def test_an_unfinished_month_is_refused_in_words(self) -> None:
        actor = staff_member("billing reviewer", "shpresa")
        with pytest.raises(CommandError, match="2099"):
            self.run("2099-01", "--by", actor.username)


class TestWhatHasBeenLookedAt:
    """A page may be old: either exactly what was seen is done, or nothing."""

    def test_what_closing_would_come_to_is_counted_without_closing(self) -> None:
        contract, bad = ContractFactory(), ContractFactory()
        settled(contract, 500)
        charge(contract, 1300)  # still held
        settled(bad, 800)
        charge(bad, 500)
        spoil(bad, 700)
        seen = figures.if_closed(NOVEMBER)
        assert (seen.carried_out, seen.carried_out_lek) == (2, 1800)
        assert (seen.parked, seen.parked_lek, seen.entries, seen.bills_lek) == (1, 200, 1, 500)
        assert not BillMonth.objects.exists()
        assert not CarriedCharge.objects.exists()
        assert close("2026-11").figures == seen

    def test_after_a_cancelled_close_too(self) -> None:
        held, left = charge(ContractFactory(), 500), charge(ContractFactory(), 800)
        close("2026-11")
        outcomes.settle(reference=left.reference, at=THIRD)
        closing.cancel_close(month=NOVEMBER, at=THIRD, actor=reviewer(), reason="too early")
        seen = figures.if_closed(NOVEMBER)
        assert (held.amount_lek, seen.carried_out_lek, seen.bills_lek) == (500, 1300, 0)
        assert close("2026-11").figures == seen

    def test_figures_that_changed_meanwhile_are_not_closed(self) -> None:
        held = charge(ContractFactory(), 500)
        seen = figures.if_closed(NOVEMBER)
        outcomes.settle(reference=held.reference, at=THIRD)
        with pytest.raises(closing.FiguresChanged):
            closing.close_month(month=NOVEMBER, at=THIRD, actor=reviewer(), expected=seen)
        assert not charges.is_closed(NOVEMBER)
        assert not Act.objects.filter(verb="close_month").exists()

    def test_a_close_that_was_done_anew_is_neither_approved_nor_cancelled_by_an_old_page(
        self,
    ) -> None:
        seen = closing.close_month(month=NOVEMBER, at=THIRD, actor=reviewer()).month
        old = BillMonth.objects.get(month=seen).closed_at
        closing.cancel_close(month=NOVEMBER, at=THIRD, actor=reviewer(), reason="too early")
        close("2026-11")
        with pytest.raises(closing.ClosedAnew):
            closing.approve_month(
                month=NOVEMBER, at=THIRD, actor=reviewer("approves"), closed_at=old
            )
        with pytest.raises(closing.ClosedAnew):
            closing.cancel_close(
                month=NOVEMBER, at=THIRD, actor=reviewer(), reason="too early", closed_at=old
            )

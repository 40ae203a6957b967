"""Closing, cancelling, approving a month (R13, R29)."""

from dataclasses import asdict
from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from billing import charges, outcomes
from billing.credits import give_credit
from billing.models import BillMonth, CarriedCharge, Credit, ParkedEntry
from billing.month import closing, figures
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from tests.billing.closing import approve, close, reviewer, settled, spoil
from tests.factories import ContractFactory, at, charge, entry

pytestmark = pytest.mark.django_db

NOVEMBER = date(2026, 11, 1)
IN_NOVEMBER = at("2026-11-06 09:00")
THIRD = at("2026-12-03 10:00")


class TestClosing:
    def test_a_month_that_is_not_over_is_refused(self) -> None:
        with pytest.raises(closing.MonthUnfinished):
            closing.close_month(month=NOVEMBER, at=at("2026-11-30 23:59:59.9"), actor=reviewer())
        assert not charges.is_closed(NOVEMBER)

    def test_the_figures_are_those_of_the_lines(self) -> None:
        contract = ContractFactory()
        first = settled(contract, 500)
        settled(contract, 800)
        failed = charge(contract, 1000)
        outcomes.reverse(reference=failed.reference, at=IN_NOVEMBER, reason="failed")
        charge(contract, 1300)  # still held
        give_credit(
            charge=first, amount_lek=200, key="1", at=IN_NOVEMBER, actor=reviewer(), reason="slow"
        )
        assert asdict(close("2026-11").figures) == {
            "charges": 4,
            "charged_lek": 3600,
            "activations": 3,
            "reversals": 1,
            "reversed_lek": 1000,
            "credits": 1,
            "credited_lek": 200,
            "carried_out": 1,
            "carried_out_lek": 1300,
            "carried_in": 0,
            "carried_in_lek": 0,
            "parked": 0,
            "parked_lek": 0,
            "entries": 1,
            "bills_lek": 1100,
        }
        assert entry(contract).total_lek == 1100

    def test_closing_again_changes_nothing(self) -> None:
        settled(ContractFactory(), 500)
        first = close("2026-11", reviewer("first"))
        again = close("2026-11", reviewer("second"))
        assert (first.is_new, again.is_new) == (True, False)
        assert again.figures == first.figures
        assert BillMonth.objects.get().closed_by == reviewer("first")
        assert Act.objects.filter(verb="close_month").count() == 1

    def test_a_dry_run_says_the_same_and_writes_nothing(self) -> None:
        contract = ContractFactory()
        charge(contract, 500)
        dry = closing.close_month(month=NOVEMBER, at=THIRD, actor=reviewer(), dry_run=True)
        assert dry.figures.carried_out_lek == 500
        assert not charges.is_closed(NOVEMBER)
        assert entry(contract).carried_out == 0
        assert not CarriedCharge.objects.exists()
        assert not Act.objects.exists()
        assert close("2026-11").figures == dry.figures

    def test_only_entries_with_held_charges_are_written(self) -> None:
        quiet, waiting = ContractFactory(), ContractFactory()
        settled(quiet, 500)
        charge(waiting, 500)
        before = _version(quiet), _version(waiting)
        close("2026-11")
        assert _version(quiet) == before[0]
        assert entry(waiting).carried_out == 500

    def test_r13_nothing_posts_to_a_closed_month(self) -> None:
        contract = ContractFactory()
        settled(contract, 500)
        close("2026-11")
        posted = charges.post_charge(
            contract_id=contract.pk,
            month=NOVEMBER,
            amount_lek=500,
            limit_lek=6500,
            reference="T-late",
            text="",
            at=IN_NOVEMBER,
        )
        assert posted is None

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE billing_billentry SET adjusted = -1 WHERE month = '2026-11-01'",
            "UPDATE billing_billentry SET spent = 0 WHERE month = '2026-11-01'",
            "INSERT INTO billing_billentry (contract_id, month, spent, ceiling) "
            "SELECT contract_id + 1, month, 0, 0 FROM billing_billentry",
            "INSERT INTO billing_charge (contract_id, entry_id, month, amount_lek, reference, "
            "text, state, accepted_at, spent_after, limit_then) SELECT contract_id, entry_id, "
            "month, 1, 'X', '', 'held', accepted_at, 1, 1 FROM billing_charge",
            "INSERT INTO billing_credit (contract_id, charge_id, entry_id, month, amount_lek, "
            "kind, reason, key, credited_at) SELECT contract_id, id, entry_id, month, 1, "
            "'goodwill', 'x', 'x', now() FROM billing_charge",
        ],
    )
    def test_r13_nor_does_raw_sql(self, sql: str) -> None:
        settled(ContractFactory(), 500)
        close("2026-11")
        with (
            pytest.raises(IntegrityError, match="nothing posts to it"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)


def _version(contract: object) -> object:
    """Return the version of the row, which changes with every UPDATE."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ctid::text FROM billing_billentry WHERE contract_id = %s",
            [contract.pk],  # type: ignore[attr-defined]
        )
        return cursor.fetchone()


class TestAfterTheClose:
    def test_e17_a_held_charge_goes_on_the_bill_of_the_month_in_which_it_settles(self) -> None:
        contract = ContractFactory()
        settled(contract, 800)
        held = charge(contract, 500)
        close("2026-11")
        assert (entry(contract).spent, entry(contract).total_lek) == (1300, 800)
        for _ in range(13):
            charge(contract, 500, "2026-12-02 12:00")
        outcomes.settle(reference=held.reference, at=THIRD)
        december = entry(contract, "2026-12")
        assert (december.spent, december.carried_in, december.total_lek) == (6500, 500, 7000)
        assert entry(contract).total_lek == 800
        carried = CarriedCharge.objects.get()
        assert (carried.from_month, carried.into_month) == (NOVEMBER, date(2026, 12, 1))

    def test_r29_settling_a_carried_charge_twice_bills_it_once(self) -> None:
        held = charge(ContractFactory(), 500)
        close("2026-11")
        outcomes.settle(reference=held.reference, at=THIRD)
        outcomes.settle(reference=held.reference, at=at("2027-01-03 10:00"))
        assert entry(held.contract, "2026-12").total_lek == 500
        assert not held.contract.bill_entries.filter(month="2027-01-01").exists()

    def test_r29_a_carried_charge_that_is_reversed_is_on_no_bill(self) -> None:
        contract = ContractFactory()
        settled(contract, 800)
        held = charge(contract, 500)
        close("2026-11")
        outcomes.reverse(reference=held.reference, at=THIRD, reason="failed")
        assert (entry(contract).spent, entry(contract).total_lek) == (1300, 800)
        assert not contract.bill_entries.filter(month="2026-12-01").exists()
        assert not Credit.objects.exists()

    def test_r13_a_late_reversal_is_a_credit_in_the_open_month(self) -> None:
        contract = ContractFactory()
        billed = settled(contract, 500)
        close("2026-11")
        outcomes.reverse(reference=billed.reference, at=THIRD, reason="never came")
        december = entry(contract, "2026-12")
        assert (december.spent, december.total_lek) == (0, -500)
        assert str(december.vat_lek) == "-83.33"
        assert (entry(contract).spent, entry(contract).total_lek) == (500, 500)
        credit = Credit.objects.get()
        assert (credit.charge, credit.kind, credit.amount_lek) == (billed, "late_reversal", 500)

    def test_r13_a_late_reversal_takes_only_what_was_not_credited(self) -> None:
        billed = settled(ContractFactory(), 500)
        close("2026-11")
        give_credit(
            charge=billed, amount_lek=200, key="1", at=THIRD, actor=reviewer(), reason="slow"
        )
        for _ in range(2):
            outcomes.reverse(reference=billed.reference, at=THIRD, reason="never came")
        assert entry(billed.contract, "2026-12").total_lek == -500

    def test_r13_a_credit_for_a_closed_month_lands_in_the_open_one(self) -> None:
        billed = settled(ContractFactory(), 500)
        close("2026-11")
        give_credit(
            charge=billed, amount_lek=200, key="1", at=THIRD, actor=reviewer(), reason="slow"
        )
        assert entry(billed.contract).total_lek == 500
        assert entry(billed.contract, "2026-12").total_lek == -200


class TestParking:
    def test_an_entry_that_disagrees_is_parked_with_what_both_say_and_the_rest_closes(self) -> None:
        good, bad = ContractFactory(), ContractFactory()
        settled(good, 500)
        settled(bad, 800)
        spoil(bad, 700)
        closed = close("2026-11")
        parked = ParkedEntry.objects.get()
        assert (parked.entry, parked.differences) == (entry(bad), {"spent": [700, 800]})
        assert (closed.figures.parked, closed.figures.parked_lek) == (1, 700)
        assert (closed.figures.entries, closed.figures.bills_lek) == (1, 500)
        assert charges.is_closed(NOVEMBER)

    def test_credits_and_carried_charges_are_checked_too(self) -> None:
        contract = ContractFactory()
        settled(contract, 500)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE billing_billentry SET adjusted = -1, carried_in = 2")
        close("2026-11")
        assert ParkedEntry.objects.get().differences == {"adjusted": [-1, 0], "carried_in": [2, 0]}


class TestCancelling:
    def test_the_month_is_open_again_and_what_was_held_is_back(self) -> None:
        contract = ContractFactory()
        held = charge(contract, 500)
        close("2026-11")
        closing.cancel_close(month=NOVEMBER, at=THIRD, actor=reviewer(), reason="too early")
        assert not charges.is_closed(NOVEMBER)
        assert entry(contract).total_lek == 500
        assert charge(contract, 800).spent_after == 1300
        outcomes.settle(reference=held.reference, at=THIRD)
        assert not contract.bill_entries.filter(month="2026-12-01").exists()

    def test_what_went_on_a_later_bill_meanwhile_stays_there(self) -> None:
        contract = ContractFactory()
        held = charge(contract, 500)
        close("2026-11")
        outcomes.settle(reference=held.reference, at=THIRD)
        closing.cancel_close(month=NOVEMBER, at=THIRD, actor=reviewer(), reason="too early")
        outcomes.reverse(reference=held.reference, at=THIRD, reason="never came")
        close("2026-11")
        assert entry(contract).total_lek == 0
        assert entry(contract, "2026-12").total_lek == 0
        assert not ParkedEntry.objects.exists()

    def test_closing_after_a_cancelled_close_gives_the_same_figures(self) -> None:
        contract, bad = ContractFactory(), ContractFactory()
        charge(contract, 500)
        settled(bad, 800)
        spoil(bad, 700)
        first = close("2026-11")
        closing.cancel_close(month=NOVEMBER, at=THIRD, actor=reviewer(), reason="too early")
        assert close("2026-11").figures == first.figures
        assert ParkedEntry.objects.in_force().count() == 1

    def test_a_reason_is_demanded(self) -> None:
        close("2026-11")
        with pytest.raises(ReasonMissing):
            closing.cancel_close(month=NOVEMBER, at=THIRD, actor=reviewer(), reason=" ")

    def test_an_open_month_has_nothing_to_cancel(self) -> None:
        with pytest.raises(closing.MonthNotClosed):
            closing.cancel_close(month=NOVEMBER, at=THIRD, actor=reviewer(), reason="too early")

    def test_an_approved_month_is_for_good(self) -> None:
        close("2026-11")
        approve("2026-11")
        with pytest.raises(closing.MonthApproved):
            closing.cancel_close(month=NOVEMBER, at=THIRD, actor=reviewer(), reason="too early")


class TestApproving:
    def test_a_second_person_approves(self) -> None:
        close("2026-11", reviewer("first"))
        row = approve("2026-11", reviewer("second"))
        assert (row.state, row.approved_by) == ("approved", reviewer("second"))

    def test_whoever_closed_cannot_approve(self) -> None:
        close("2026-11", reviewer("first"))
        with pytest.raises(closing.SecondPersonNeeded):
            approve("2026-11", reviewer("first"))

    def test_an_open_month_cannot_be_approved(self) -> None:
        with pytest.raises(closing.MonthNotClosed):
            approve("2026-11")

    def test_approving_again_changes_nothing(self) -> None:
        close("2026-11")
        first = approve("2026-11", reviewer("second"))
        again = approve("2026-11", reviewer("third"))
        assert again.approved_by == first.approved_by
        assert Act.objects.filter(verb="approve_month").count() == 1

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE billing_billmonth SET state = 'approved', approved_at = now(), "
            "approved_by_id = closed_by_id",
            "UPDATE billing_billmonth SET state = 'approved', approved_at = now()",
            "UPDATE billing_billmonth SET closed_by_id = NULL",
            "UPDATE billing_billmonth SET figures = '{}'",
            "UPDATE billing_billmonth SET month = '2026-10-01'",
            "DELETE FROM billing_billmonth",
        ],
    )
    def test_the_database_refuses_what_the_verbs_never_do(self, sql: str) -> None:
        close("2026-11")
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)

    @pytest.mark.parametrize("state", ["open", "closed"])
    def test_the_database_keeps_an_approved_month(self, state: str) -> None:
        close("2026-11")
        approve("2026-11")
        with (
            pytest.raises(DatabaseError, match="cannot go from approved"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("UPDATE billing_billmonth SET state = %s", [state])


def test_charges_less_reversals_are_the_activations_whatever_a_carried_one_became() -> None:
    held = charge(ContractFactory(), 500)
    close("2026-11")
    outcomes.reverse(reference=held.reference, at=THIRD, reason="never came")
    counted = figures.live(NOVEMBER)
    assert (counted.charges, counted.reversals, counted.activations) == (1, 0, 1)

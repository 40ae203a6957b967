"""Outcomes of charges while time passes and months close."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from billing.credits import give_credit
from billing.models import Charge
from billing.month.closing import approve_month, cancel_close, close_month
from billing.outcomes import reverse, settle
from tests.klikon.machine import model
from tests.klikon.machine.base import A_MINUTE, TwoFamilies


class Paying(TwoFamilies):
    """Charges settle, are reversed and credited; months close, open again and are approved."""

    @precondition(lambda self: self.world.purchases)
    @rule(back=st.integers(0, 5))
    def a_charge_settles(self, back: int) -> None:
        p = self.some_purchase(back)
        at, no = self.now, self.world.against_settling(p)
        if self.agree(no, lambda: settle(reference=self.rows[p], at=at)):
            self.world.settled(p)

    @precondition(lambda self: self.world.purchases)
    @rule(back=st.integers(0, 5))
    def a_charge_is_reversed(self, back: int) -> None:
        p = self.some_purchase(back)
        at, no = self.now, self.world.against_reversing(p)
        if self.agree(no, lambda: reverse(reference=self.rows[p], at=at, reason="not delivered")):
            self.world.reversed(p)

    @precondition(lambda self: self.world.purchases)
    @rule(back=st.integers(0, 5), amount=st.sampled_from([1, 500, 501, 800, 1800]))
    def a_credit_is_given(self, back: int, amount: int) -> None:
        p = self.some_purchase(back)
        charge = Charge.objects.get(reference=self.rows[p])
        at, no = self.now, self.world.against_credit(p, amount)
        if self.agree(
            no,
            lambda: give_credit(
                charge=charge,
                amount_lek=amount,
                key=str(next(self.keys)),
                at=at,
                actor=self.staff,
                reason="goodwill",
            ),
        ):
            p.credits.append((self.world.month, amount))

    @rule(hours=st.sampled_from([1, 23, 10 * 24]))
    def time_passes(self, hours: int) -> None:
        self.world.now += timedelta(hours=hours)

    @rule(minutes=st.integers(-2, 0))
    def the_month_ends(self, minutes: int) -> None:
        """Move to the last minutes of the month, or to 00:00 of the next one."""
        nearly = self.world.month + timedelta(days=32)
        border = datetime(nearly.year, nearly.month, 1, tzinfo=model.TIRANE).astimezone(UTC)
        self.world.now = max(self.world.now, border + minutes * A_MINUTE)

    def some_month(self, back: int) -> date:
        """Return a month with purchases, or the present one."""
        months = sorted({p.month for p in self.world.purchases} | {self.world.month})
        return months[-1 - back % len(months)]

    @precondition(lambda self: self.world.purchases)
    @rule(back=st.integers(0, 2))
    def a_month_closes(self, back: int) -> None:
        """R29: carry held charges. The current month cannot close."""
        month = self.some_month(back)
        at, no = self.now, self.world.against_closing(month)
        if self.agree(no, lambda: close_month(month=month, at=at, actor=self.staff)):
            self.world.close(month)

    @precondition(lambda self: self.world.closed)
    @rule(back=st.integers(0, 2), approved=st.booleans())
    def a_close_is_approved_or_cancelled(self, back: int, approved: bool) -> None:
        month = self.some_month(back)
        at = self.now
        if approved:
            no = set() if month in self.world.closed else {"month_not_closed"}
            if self.agree(no, lambda: approve_month(month=month, at=at, actor=self.second)):
                self.world.approved.add(month)
        else:
            no = self.world.against_cancelling(month)
            if self.agree(
                no, lambda: cancel_close(month=month, at=at, actor=self.staff, reason="too early")
            ):
                self.world.cancel_close(month)

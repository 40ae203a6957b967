"""Acts on money: activations, what becomes of charges, and the time that passes."""

from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from billing import charges
from billing.credits import give_credit
from billing.models import BillEntry, BillMonth, CarriedCharge, Charge
from billing.outcomes import reverse, settle
from klikon import refusals
from klikon.activation import activate
from klikon.models import Activation, Channel
from klikon.quote import quote
from tests.factories import PromotionFactory
from tests.klikon.machine import model
from tests.klikon.machine.base import (
    A_MINUTE,
    NOBODYS,
    NUMBERS,
    PACKAGES,
    TwoFamilies,
    numbers,
    packages,
    told,
    which,
)


class Buying(TwoFamilies):
    """The leader buys, keys come again, charges end, months close."""

    # --- activation

    def ask(self, leader: str, member: str, package: str, *, confirmed: bool) -> None:
        """Ask with a new key, having asked for a quote before."""
        at = self.now
        request = {
            "leader": leader, "member": member, "package": package, "channel": Channel.IVR,
            "client": "machine", "key": str(next(self.keys)), "repeat_confirmed": confirmed,
        }  # fmt: skip
        quoted = self.quoted(leader, member, package, confirmed)
        expected = self.world.against_activation(leader, member, package, confirmed=confirmed)
        activation, code = told(lambda: activate(at=at, **request))
        assert (code in expected) if code else not expected, (code, expected)
        assert quoted in (None, code or "fits")
        if activation:
            self.compare(activation, leader, member, package)
        self.answers.append((request, code or activation.reference))

    def compare(self, activation: Activation, leader: str, member: str, package: str) -> None:
        group = self.world.group_of(leader)
        assert group is not None
        bought = self.world.activated(leader, member, package)
        self.rows[bought] = activation.reference
        assert activation.charged_lek == bought.charged
        assert activation.month == bought.month
        assert activation.spent_after == self.world.spent(bought.contract, bought.month)
        assert activation.room_left == self.world.room_of_the_group(group)
        aside = [
            (p["package_code"], p["kind"], p["value"]) for p in activation.promotions_set_aside
        ]
        assert aside == self.world.promotions_of(member, package)

    def quoted(self, leader: str, member: str, package: str, confirmed: bool) -> str | None:
        """What the quote says will happen: "fits", a refusal's code, or None: nobody to ask for."""
        group = self.world.group_of(leader)
        if group is None or member not in group.members:
            return None
        given = quote(
            group=self.rows[group], leader=leader, member=self.membership(group, member),
            at=self.world.now, channel=Channel.IVR,
        )  # fmt: skip
        if given.refusal:
            return given.refusal.code
        row = given.row(package)
        if row is None:
            return "not_a_klik_on_package"
        cheaper = self.world.price_elsewhere(member, package)
        here = row.price.charged_lek
        assert row.elsewhere_lek == (cheaper if cheaper is not None and cheaper < here else None)
        # The activation asks about a repetition before it looks at the room.
        sold = not isinstance(row.refusal, refusals.NotAKlikOnPackage)
        if row.asks_again and sold and not confirmed:
            return row.asks_again.code
        return row.refusal.code if row.refusal else "fits"

    @rule(seat=st.integers(0, 3), package=packages, confirmed=st.booleans(), number=which)
    def the_leader_buys(self, seat: int, package: str, confirmed: bool, number: int) -> None:
        group = self.contract(number).group
        members = list(group.members) or [NOBODYS]
        leader = group.leader or members[0]
        self.ask(leader, members[seat % len(members)], package, confirmed=confirmed)

    @rule(package=st.sampled_from(["S700", "S1000", "S2000"]))
    def the_leader_buys_for_himself_once_more(self, package: str) -> None:
        leader = self.contract(0).group.leader or NUMBERS[0]
        self.ask(leader, leader, package, confirmed=True)

    @rule(leader=st.sampled_from([*NUMBERS, NOBODYS]), member=numbers, package=packages)
    def anybody_asks_for_anybody(self, leader: str, member: str, package: str) -> None:
        self.ask(leader, member, package, confirmed=True)

    @precondition(lambda self: self.answers)
    @rule(back=st.integers(0, 5), other=st.sampled_from([None, None, *PACKAGES]))
    def a_key_comes_again(self, back: int, other: str | None) -> None:
        """R21: the first answer again, whatever happened since; other content is refused."""
        request, answer = self.answers[-1 - back % len(self.answers)]
        if other and other != request["package"]:
            request, answer = {**request, "package": other}, "key_used_for_something_else"
        activation, code = told(lambda: activate(at=self.now, **request))
        assert (code or activation.reference) == answer

    @precondition(lambda self: self.world.purchases)
    @rule(back=st.integers(0, 3), minutes=st.integers(-2, 1), confirmed=st.booleans())
    def the_same_again_about_a_day_later(self, back: int, minutes: int, confirmed: bool) -> None:
        """R25, at its edge."""
        earlier = self.world.purchases[-1 - back % len(self.world.purchases)]
        self.world.now = max(self.world.now, earlier.at + model.A_DAY + minutes * A_MINUTE)
        group = self.world.group_of(earlier.member)
        leader = (group and group.leader) or NOBODYS
        self.ask(leader, earlier.member, earlier.package, confirmed=confirmed)

    @rule(
        msisdn=numbers, package=st.sampled_from(["*", "S700", "S1000"]),
        kind=st.sampled_from(["percent", "amount"]), value=st.sampled_from([3, 30, 33]),
    )  # fmt: skip
    def a_promotion_is_told(self, msisdn: str, package: str, kind: str, value: int) -> None:
        told = (msisdn, package, kind, value)
        if told not in self.world.promotions:
            self.world.promotions.append(told)
            PromotionFactory(msisdn=msisdn, package_code=package, kind=kind, value=value)

    # --- what becomes of charges

    def some_purchase(self, back: int) -> model.Purchase:
        return self.world.purchases[-1 - back % len(self.world.purchases)]

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
                charge=charge, amount_lek=amount, key=str(next(self.keys)), at=at,
                actor=self.staff, reason="goodwill",
            ),
        ):  # fmt: skip
            p.credits.append((self.world.month, amount))

    # --- time

    @rule(hours=st.sampled_from([1, 23, 10 * 24]))
    def time_passes(self, hours: int) -> None:
        self.world.now += timedelta(hours=hours)

    @rule(minutes=st.integers(-2, 0))
    def the_month_ends(self, minutes: int) -> None:
        """The next act is in its last minutes, or at 00:00 of the next one."""
        nearly = self.world.month + timedelta(days=32)
        border = datetime(nearly.year, nearly.month, 1, tzinfo=model.TIRANE).astimezone(UTC)
        self.world.now = max(self.world.now, border + minutes * A_MINUTE)

    @precondition(lambda self: any(p.month < self.world.month for p in self.world.purchases))
    @rule()
    def a_month_closes(self) -> None:
        """The earliest one that is over. Held charges are carried (R29)."""
        months = {p.month for p in self.world.purchases} - self.world.closed
        over = sorted(month for month in months if month < self.world.month)
        if over:
            close_month(over[0], self.now)
            self.world.close(over[0])


def close_month(month: date, at: datetime) -> None:
    """What is held is carried, what stands is billed, and nothing posts to it any more."""
    with transaction.atomic():
        charges.lock_month_exclusively(month)
        held = Charge.objects.filter(month=month, state="held")
        for charge in held:
            CarriedCharge.objects.create(
                charge=charge, contract_id=charge.contract_id, from_month=month, carried_at=at
            )
            entry = BillEntry.objects.get(pk=charge.entry_id)
            entry.carried_out += charge.amount_lek
            entry.save()
        BillMonth.objects.create(month=month, closed_at=at)

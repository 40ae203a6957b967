"""Activations: asked for by anybody, with all kinds of keys, and quoted before."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from klikon.activation import refusals
from klikon.activation.activate import activate
from klikon.activation.quote import quote
from klikon.models import Activation, Channel, WaitingRequest
from klikon.payer import asking
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
    """The leader buys, others try to, keys are repeated, the payer answers."""

    # --- activation

    def ask(self, leader: str, member: str, package: str, *, confirmed: bool) -> None:
        """Ask with a new key, after a quote."""
        at = self.now
        request = {
            "leader": leader,
            "member": member,
            "package": package,
            "channel": Channel.IVR,
            "client": "machine",
            "key": str(next(self.keys)),
            "repeat_confirmed": confirmed,
        }
        quoted = self.quoted(leader, member, package, confirmed)
        expected = self.world.against_activation(leader, member, package, confirmed=confirmed)
        activation, code = told(lambda: activate(at=at, **request))
        assert (code in expected) if code else not expected, (code, expected)
        assert quoted in (None, code or "fits")
        if activation:
            self.compare(activation, leader, member, package)
        answer: str | model.Waiting = code or activation.reference
        if code == model.WAITS:
            answer = self.world.waits(leader, member, package, confirmed=confirmed)
            self.rows.setdefault(answer, WaitingRequest.objects.latest("pk"))
        self.answers.append((request, answer))

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
        """Return the quote's prediction: "fits", a refusal's code, or None (nobody to ask for)."""
        group = self.world.group_of(leader)
        if group is None or member not in group.members:
            return None
        given = quote(
            group=self.rows[group],
            leader=leader,
            member=self.membership(group, member),
            at=self.world.now,
            channel=Channel.IVR,
        )
        if given.refusal:
            return given.refusal.code
        row = given.row(package)
        if row is None:
            return "not_a_klik_on_package"
        cheaper = self.world.price_elsewhere(member, package)
        here = row.price.charged_lek
        assert row.elsewhere_lek == (cheaper if cheaper is not None and cheaper < here else None)
        # The activation checks for a repetition before it looks at the room.
        sold = not isinstance(row.refusal, refusals.NotAKlikOnPackage)
        if row.asks_again and sold and not confirmed:
            return row.asks_again.code
        if row.waits:
            return model.WAITS
        return row.refusal.code if row.refusal else "fits"

    @rule(seat=st.integers(0, 3), package=packages, confirmed=st.booleans(), number=which)
    def the_leader_buys(self, seat: int, package: str, confirmed: bool, number: int) -> None:
        group = self.contract(number).group
        members = list(group.members) or [NOBODYS]
        leader = group.leader or members[0]
        self.ask(leader, members[seat % len(members)], package, confirmed=confirmed)

    @rule(leader=st.sampled_from([*NUMBERS, NOBODYS]), member=numbers, package=packages)
    def anybody_asks_for_anybody(self, leader: str, member: str, package: str) -> None:
        self.ask(leader, member, package, confirmed=True)

    @precondition(lambda self: self.answers)
    @rule(back=st.integers(0, 5), other=st.sampled_from([None, None, *PACKAGES]))
    def a_key_comes_again(self, back: int, other: str | None) -> None:
        """R21: the first answer comes again, whatever happened since; other content is refused."""
        request, first = self.answers[-1 - back % len(self.answers)]
        at = self.now
        answer = self.world.answer(first) if isinstance(first, model.Waiting) else first
        if other and other != request["package"]:
            request, answer = {**request, "package": other}, "key_used_for_something_else"
        activation, code = told(lambda: activate(at=at, **request))
        assert (code or activation.reference) == answer

    @rule(number=which, seat=st.integers(0, 3), package=st.sampled_from(["S700", "S1000"]))
    def something_is_left_waiting(self, number: int, seat: int, package: str) -> None:
        """R28: the payer is asked first for this one."""
        group = self.contract(number).group
        if not group.leader:
            return
        self.ask_above(group, 0)
        member = list(group.members)[seat % len(group.members)]
        self.ask(group.leader, member, package, confirmed=True)
        self.ask_above(group, None)

    @precondition(lambda self: self.world.waiting)
    @rule(back=st.integers(0, 3), yes=st.booleans(), looked=st.booleans())
    def the_payer_answers(self, back: int, yes: bool, looked: bool) -> None:
        """R28: check every rule anew, at the shown price; a second answer changes nothing."""
        w = self.world.waiting[-1 - back % len(self.world.waiting)]
        row, at, before = self.rows[w], self.now, self.world.answer(w)
        if yes:
            shown = self.world.price(w.group, w.package) if looked else None
            activation, code = told(lambda: asking.approve(waiting=row, charged_lek=shown, at=at))
            if before != model.WAITS:
                assert (code or activation.reference) == before
                return
            expected = self.world.against_activation(
                w.leader,
                w.member,
                w.package,
                confirmed=w.confirmed,
                approved=True,
                told=w.price if shown is None else shown,
            )
            assert (code in expected) if code else not expected, (code, expected)
            if activation:
                self.compare(activation, w.leader, w.member, w.package)
            w.outcome = None if code == "price_changed" else code or activation.reference
        else:
            declined = "declined_by_the_fixed_leader"
            no = set() if before in (model.WAITS, declined) else {"not_waiting"}
            if self.agree(no, lambda: asking.decline(waiting=row, at=at)):
                w.outcome = declined

    @precondition(lambda self: self.world.purchases)
    @rule(back=st.integers(0, 3), minutes=st.none() | st.integers(-2, 1), confirmed=st.booleans())
    def the_same_is_asked_for_again(self, back: int, minutes: int | None, confirmed: bool) -> None:
        """R25: at once, or around the end of a day later."""
        earlier = self.some_purchase(back)
        if minutes is not None:
            self.world.now = max(self.world.now, earlier.at + model.A_DAY + minutes * A_MINUTE)
        group = self.world.group_of(earlier.member)
        leader = (group and group.leader) or NOBODYS
        self.ask(leader, earlier.member, earlier.package, confirmed=confirmed)

    @rule(number=which, seat=st.integers(0, 3))
    def the_last_room_is_asked_for(self, number: int, seat: int) -> None:
        """Ask for the dearest package that fits, to reach limits to the Lek (R9, R27)."""
        group = self.contract(number).group
        if not group.leader:
            return
        member = list(group.members)[seat % len(group.members)]
        room = min(self.world.rooms(group, member).values())
        prices = {self.world.price(group, package): package for package in model.SUPER}
        fitting = [price for price in prices if price is not None and price <= room]
        self.ask(group.leader, member, prices[max(fitting)] if fitting else "S700", confirmed=True)

    @rule(
        msisdn=numbers,
        package=st.sampled_from(["*", "S700", "S1000"]),
        kind=st.sampled_from(["percent", "amount"]),
        value=st.sampled_from([3, 30, 33]),
    )
    def a_promotion_is_told(self, msisdn: str, package: str, kind: str, value: int) -> None:
        told = (msisdn, package, kind, value)
        if told not in self.world.promotions:
            self.world.promotions.append(told)
            PromotionFactory(msisdn=msisdn, package_code=package, kind=kind, value=value)

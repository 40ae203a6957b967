"""Run the portal and the model of the rules side by side, and compare them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from billing.models import BillEntry
from groups import membership
from groups.models import Membership, TermsVersion
from klikon.leader import leadership
from klikon.models import DeclarationChannel
from klikon.payer import asking
from superfamilja.accounts.models import User
from superfamilja.refusal import AnswerInWords, Refusal
from tests.factories import ContractFactory, PackageFactory
from tests.klikon.machine import model
from tests.klikon.machine.books import BROKEN
from tests.proofs import naming_word, payers_word

T = TypeVar("T")
NUMBERS = [f"+35567555000{n}" for n in range(6)]
NOBODYS = "+355675550009"  # a number that never joins
PACKAGES = [*model.SUPER, *model.OTHERS]
A_MINUTE = timedelta(minutes=1)

packages = st.sampled_from(PACKAGES)
numbers = st.sampled_from(NUMBERS)
which = st.sampled_from([0, 0, 0, 1])  # of the two contracts


def told(act: Callable[[], T]) -> tuple[T | None, str | None]:
    """What the act gave, or the code of its refusal, or of an answer that is none (R28)."""
    try:
        given = act()
    except Refusal as refusal:
        return None, refusal.code
    return (None, given.code) if isinstance(given, AnswerInWords) else (given, None)


class TwoFamilies(RuleBasedStateMachine):
    """Two contracts and six numbers. Every act takes a minute."""

    def __init__(self) -> None:
        super().__init__()
        self.world = model.World(datetime(2026, 11, 5, 13, 5, tzinfo=UTC))
        self.example = transaction.atomic()
        self.example.__enter__()
        self.keys = count()
        self.acts = 0
        self.answers: list[tuple[dict[str, Any], str | model.Waiting]] = []
        self.rows: dict[object, Any] = {}  # row of the portal for each thing of the model
        self.staff, self.second = (
            User.objects.create(username=name) for name in ("machine", "second")
        )
        for code, price in {**model.SUPER, **model.OTHERS}.items():
            family = "super" if code in model.SUPER else "tourist"
            days = model.DAYS.get(code, 28)
            PackageFactory(code=code, list_price_lek=price, family=family, validity_days=days)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @initialize(cap=st.sampled_from([500, 1300, 2600, 6500]))
    def two_families(self, cap: int) -> None:
        if cap != 6500:
            self.publish(cap, 200)
        for members in (NUMBERS[:3], NUMBERS[3:4]):
            contract = model.Contract()
            self.world.contracts.append(contract)
            self.rows[contract] = ContractFactory()
            self.open_group(contract)
            for number in members:
                self.add(contract.group, number)
        self.name_leader(self.world.contracts[0].group, NUMBERS[0])

    # --- how the two are compared

    def agree(self, expected: set[str], act: Callable[[], T]) -> T | None:
        """Accept the act when the model has no objection; otherwise refuse it by such a code."""
        done, code = told(act)
        assert (code in expected) if code else not expected, (code, expected)
        return done

    @property
    def now(self) -> datetime:
        """Return the moment of the next act. Now and then the worker handles what is over."""
        self.world.now += A_MINUTE
        self.acts += 1
        if self.acts % 5 == 0:
            asking.record_what_time_has_ended(self.world.now)
        return self.world.now

    def contract(self, number: int) -> model.Contract:
        return self.world.contracts[number]

    def some_purchase(self, back: int) -> model.Purchase:
        return self.world.purchases[-1 - back % len(self.world.purchases)]

    def membership(self, group: model.Group, number: str) -> Membership:
        """Return the newest membership in the group; anybody's, if this number never was there."""
        of_group = Membership.objects.filter(group=self.rows[group]).order_by("-pk")
        return of_group.filter(msisdn=number).first() or Membership(
            group=self.rows[group], msisdn=number, pk=0
        )

    # --- acts that the beginning needs as well

    def open_group(self, contract: model.Contract) -> None:
        at, no = self.now, self.world.against_opening(contract)
        row = self.rows[contract]
        if group := self.agree(no, lambda: membership.open_group(contract=row, at=at)):
            self.rows[self.world.opened(contract)] = group

    def add(self, group: model.Group, number: str) -> None:
        at, no = self.now, self.world.against_adding(group, number)
        if self.agree(
            no,
            lambda: membership.add_member(
                group=self.rows[group], msisdn=number, name="Elira", plan="standard_prepaid", at=at
            ),
        ):
            self.world.joined(group, number)

    def name_leader(self, group: model.Group, number: str) -> None:
        member = self.membership(group, number)
        at, no = self.now, self.world.against_naming(group, number)
        if self.agree(
            no,
            lambda: leadership.assign(
                proof=naming_word(member, at),
                member=member,
                channel=DeclarationChannel.ONLINE,
                signatory_name="Drita Dardha",
                evidence="confirmed online",
                at=at,
            ),
        ):
            self.world.cancel(group)
            group.leader, group.frozen = number, None

    def ask_above(self, group: model.Group, above: int | None) -> None:
        at, no, row = self.now, self.world.against_asking(group, above), self.rows[group]
        if above is None:
            done = self.agree(
                no,
                lambda: asking.lift_ask_above(
                    proof=payers_word(row.contract, at), group=row, at=at
                ),
            )
        else:
            done = self.agree(
                no,
                lambda: asking.set_ask_above(
                    group=row, above_lek=above, at=at, proof=payers_word(row.contract, at)
                ),
            )
        if done:
            group.ask_above = above

    def publish(self, cap: int, discount: int, members: int = 4, shortest: int = 28) -> model.Terms:
        terms = model.Terms(cap, discount, self.world.now, members, shortest)
        self.world.terms.append(terms)
        first = TermsVersion.objects.values().get(number=1)
        self.rows[terms] = TermsVersion.objects.create(
            **{
                **first,
                "id": None,
                "number": len(self.world.terms),
                "published_at": self.world.now,
                "cap_lek": cap,
                "discount_lek": discount,
                "members_max": members,
                "shortest_validity_days": shortest,
            }
        )
        return terms

    # --- after every step

    @invariant()
    def the_entries_are_as_the_model_says(self) -> None:
        found = {
            (entry.contract_id, entry.month): (entry.spent, entry.total_lek)
            for entry in BillEntry.objects.filter(
                contract__in=[self.rows[contract] for contract in self.world.contracts]
            )
        }
        months = {month for _contract, month in found} | {p.month for p in self.world.purchases}
        expected = {
            (self.rows[contract].pk, month): (
                self.world.spent(contract, month),
                self.world.bill(contract, month),
            )
            for contract in self.world.contracts
            for month in months
        }
        assert {key: found.get(key, (0, 0)) for key in expected} == expected

    @invariant()
    def the_books_agree_with_themselves(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(BROKEN)
            assert cursor.fetchall() == []

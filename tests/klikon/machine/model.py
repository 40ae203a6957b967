"""The rules of docs/rules.md as a small world in memory: the oracle of the state machine.

It is written from the rules and not from the code. Amounts are whole Lek, moments are UTC. Each
question returns the codes of every refusal that applies; without any, the act has to be accepted.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

SUPER = {"S400": 400, "S700": 700, "S1000": 1000, "S2000": 2000, "W700": 700}
DAYS = {"W700": 7}  # every other one is valid for 28
OTHERS = {"T900": 900}  # on sale, of another family
SMALLEST = 700
A_DAY = timedelta(hours=24)
WAITS = "waiting_for_the_fixed_leader"
TIRANE = ZoneInfo("Europe/Tirane")


@dataclass(eq=False)
class Terms:
    cap: int
    discount: int
    published_at: datetime
    members: int = 4
    shortest: int = 28  # days


@dataclass(eq=False)
class Contract:
    active: bool = True
    groups: list["Group"] = field(default_factory=list)
    said: dict[str, int | None] = field(default_factory=dict)  # R27, R30: number → its last limit

    @property
    def group(self) -> "Group":
        return self.groups[-1]


@dataclass(eq=False)
class Group:
    contract: Contract
    opened_at: datetime
    open: bool = True
    members: dict[str, int | None] = field(default_factory=dict)  # number → its own limit
    limit: int | None = None
    leader: str | None = None
    frozen: str | None = None  # by whom: "payer" or "crm"
    ask_above: int | None = None  # R28
    bound: list[Terms] = field(default_factory=list)


@dataclass(eq=False)
class Waiting:
    """R28: a request that waits for the payer. `outcome` is a reference, or a refusal's code."""

    group: Group
    leader: str
    member: str
    package: str
    confirmed: bool
    at: datetime
    price: int | None
    outcome: str | None = None


@dataclass(eq=False)
class Purchase:
    contract: Contract
    member: str
    package: str
    charged: int
    at: datetime
    month: date
    state: str = "held"
    given_back: bool = False  # reversed while its month was open (R13)
    carried: bool = False  # held when its month closed (R29)
    billed_in: date | None = None  # the month whose bill has a carried charge
    credits: list[tuple[date, int]] = field(default_factory=list)

    @property
    def left(self) -> int:
        return self.charged - sum(amount for _month, amount in self.credits)


class World:
    """Everything that happened, and the rules' predictions."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.terms = [Terms(6500, 200, published_at=datetime(2020, 5, 13, 22, 0, tzinfo=UTC))]
        self.contracts: list[Contract] = []
        self.purchases: list[Purchase] = []
        self.waiting: list[Waiting] = []
        self.closed: set[date] = set()
        self.approved: set[date] = set()
        self.events: set[tuple[str, datetime]] = set()  # the CRM's news about numbers (R26)
        self.promotions: list[tuple[str, str, str, int]] = []  # number, package or *, kind, value

    # --- time and terms

    @property
    def today(self) -> date:
        return self.now.astimezone(TIRANE).date()

    @property
    def month(self) -> date:
        """R11: return the calendar month in Tirana."""
        return self.today.replace(day=1)

    def terms_of(self, group: Group) -> Terms:
        """R18: return the newest terms at its opening, or newer ones that bind it."""
        return next(
            terms
            for terms in reversed(self.terms)
            if terms.published_at <= group.opened_at or terms in group.bound
        )

    # --- money

    def spent(self, contract: Contract, month: date) -> int:
        """R9, R10, R12, R13: return the unreversed charges of the whole contract."""
        return sum(
            p.charged
            for p in self.purchases
            if p.contract is contract and p.month == month and not p.given_back
        )

    def bill(self, contract: Contract, month: date) -> int:
        """R13, R14, R29: return the bill."""
        of_contract = [p for p in self.purchases if p.contract is contract]
        charges = sum(
            p.charged
            for p in of_contract
            if not p.given_back and (p.billed_in if p.carried else p.month) == month
        )
        return charges - sum(
            amount for p in of_contract for landed, amount in p.credits if landed == month
        )

    # --- R1 to R29: an activation

    def group_of(self, number: str) -> Group | None:
        return next(
            (g for c in self.contracts for g in c.groups if g.open and number in g.members), None
        )

    def price(self, group: Group, package: str) -> int | None:
        """R5, R6: return the price; None when Klik-ON does not sell it."""
        monthly = DAYS.get(package, 28) >= self.terms_of(group).shortest
        if SUPER.get(package, 0) < SMALLEST or not monthly:
            return None
        return SUPER[package] - self.terms_of(group).discount

    def had_it_lately(self, member: str, package: str) -> bool:
        """R25: return whether the member got it within 24 hours; a reversed one does not count."""
        return any(
            p.member == member
            and p.package == package
            and p.state != "reversed"
            and self.now - p.at < A_DAY
            for p in self.purchases
        )

    def rooms(self, group: Group, member: str) -> dict[str, int]:
        """R9, R27: return what each limit leaves, by the code of its refusal."""
        spent = self.spent(group.contract, self.month)
        rooms = {"over_the_cap": self.terms_of(group).cap - spent}
        if group.limit is not None:
            rooms["over_the_groups_limit"] = group.limit - spent
        own = group.members.get(member)
        if own is not None:
            rooms["over_the_members_limit"] = own - sum(
                p.charged
                for p in self.purchases
                if (p.contract, p.member, p.month) == (group.contract, member, self.month)
                and not p.given_back
            )
        return rooms

    def room_of_the_group(self, group: Group) -> int:
        """Return the room that the leader is told."""
        rooms = self.rooms(group, "")
        return max(min(rooms.values()), 0)

    def against_activation(
        self,
        leader: str,
        member: str,
        package: str,
        *,
        confirmed: bool,
        approved: bool = False,
        told: int | None = None,
    ) -> set[str]:
        group = self.group_of(leader)
        if group is None or group.leader != leader:
            return {"not_the_leader"}  # R1, R2
        no = set()
        if group.frozen:
            no.add("leader_frozen")  # R4, R26
        if member not in group.members:
            no.add("not_in_the_group")  # R2
        if not group.contract.active:
            no.add("contract_suspended")  # R16
        price = self.price(group, package)
        if price is None:
            return no | {"not_a_klik_on_package"}  # R5
        if told is not None and told != price:
            no.add("price_changed")  # R6
        if not confirmed and self.had_it_lately(member, package):
            no.add("repeat_not_confirmed")  # R25
        rooms = self.rooms(group, member)
        if price > min(rooms.values()):  # R9, R27: the lowest binds and is named
            no |= {name for name, room in rooms.items() if room == min(rooms.values())}
        if not no and group.ask_above is not None and price > group.ask_above and not approved:
            return {WAITS}  # R28: a refusal comes before the question
        return no

    # --- R28: what waits for the payer

    def waits(self, leader: str, member: str, package: str, *, confirmed: bool) -> Waiting:
        """Return the request's answer: a new one, or the same that waits already."""
        group = self.group_of(leader)
        assert group is not None
        for w in self.waiting:
            if (w.group, w.member, w.package, self.answer(w)) == (group, member, package, WAITS):
                return w
        price = self.price(group, package)
        self.waiting.append(Waiting(group, leader, member, package, confirmed, self.now, price))
        return self.waiting[-1]

    def answer(self, w: Waiting) -> str:
        """Return what its key is told now."""
        late = "not_approved_in_time" if self.now - w.at >= A_DAY else WAITS
        return w.outcome or late

    def cancel(self, group: Group, member: str | None = None) -> None:
        """Cancel: the leader changed or is stopped, or the member has gone."""
        for w in self.waiting:
            if w.group is group and member in (None, w.member) and self.answer(w) == WAITS:
                w.outcome = "request_cancelled"

    def against_asking(self, group: Group, above: int | None) -> set[str]:
        """Return the refusals of “ask me first”; `above` None ends it."""
        no = self.against_anything_of(group)
        if above is None and group.ask_above is None:
            no.add("not_asked_first")
        if above is not None and above >= self.terms_of(group).cap:
            no.add("nothing_to_ask")
        return no

    def activated(self, leader: str, member: str, package: str) -> Purchase:
        group = self.group_of(leader)
        assert group is not None
        price = self.price(group, package)
        assert price is not None
        bought = Purchase(group.contract, member, package, price, self.now, self.month)
        self.purchases.append(bought)
        return bought

    def promotions_of(self, member: str, package: str) -> list[tuple[str, str, int]]:
        """R8: return what this package would have had elsewhere."""
        return [
            (code, kind, value)
            for number, code, kind, value in self.promotions
            if number == member and code in (package, "*")
        ]

    def price_elsewhere(self, member: str, package: str) -> int | None:
        """R8: return the price with the best single promotion, percentages half-up."""
        found = [
            int((Decimal(SUPER[package]) * (100 - value) / 100).quantize(0, ROUND_HALF_UP))
            if kind == "percent"
            else max(SUPER[package] - value, 0)
            for _code, kind, value in self.promotions_of(member, package)
        ]
        return min(found, default=None)

    # --- R13, R29: what becomes of a charge, and of a month

    def against_closing(self, month: date) -> set[str]:
        return {"month_unfinished"} if month >= self.month else set()

    def close(self, month: date) -> None:
        if month in self.closed:
            return
        self.closed.add(month)
        for p in self.purchases:
            if p.month == month and p.state == "held":
                p.carried = True

    def against_cancelling(self, month: date) -> set[str]:
        no = set() if month in self.closed else {"month_not_closed"}
        return no | ({"month_approved"} if month in self.approved else set())

    def cancel_close(self, month: date) -> None:
        """Take back what is still held; the others stay on their later bill, or on none."""
        self.closed.remove(month)
        for p in self.purchases:
            if p.month == month and p.state == "held":
                p.carried = False

    def over(self, p: Purchase) -> bool:
        """Return whether its own month no longer changes."""
        return p.carried or p.month in self.closed

    def against_settling(self, p: Purchase) -> set[str]:
        return {"already_reversed"} if p.state == "reversed" else set()

    def settled(self, p: Purchase) -> None:
        if p.state == "held":
            p.state = "settled"
            if p.carried:
                p.billed_in = self.month

    def against_reversing(self, p: Purchase) -> set[str]:
        credited = p.state == "settled" and not self.over(p) and p.credits
        return {"already_credited"} if credited else set()

    def reversed(self, p: Purchase) -> None:
        if p.state == "settled" and self.over(p):
            if p.left:
                p.credits.append((self.month, p.left))
        elif p.state != "reversed":
            p.state = "reversed"
            p.given_back = not self.over(p)

    def against_credit(self, p: Purchase, amount: int) -> set[str]:
        no = set()
        if p.state != "settled":
            no.add("charge_not_settled")
        if amount > p.left:
            no.add("credit_too_large")
        return no

    # --- R4, R20, R26, R27: the group, its leader, the payer's limits

    def against_opening(self, contract: Contract) -> set[str]:
        no = set() if contract.active else {"contract_not_active"}
        return no | ({"group_already_open"} if any(g.open for g in contract.groups) else set())

    def opened(self, contract: Contract) -> Group:
        before = contract.groups[-1] if contract.groups else None
        contract.groups.append(Group(contract, self.now))
        if before:  # R30: only a proof loosens what the payer set
            contract.group.limit, contract.group.ask_above = before.limit, before.ask_above
        return contract.group

    def joined(self, group: Group, number: str) -> None:
        group.members[number] = group.contract.said.get(number)

    def against_anything_of(self, group: Group) -> set[str]:
        return set() if group.open else {"group_closed"}

    def against_adding(self, group: Group, number: str) -> set[str]:
        no = self.against_anything_of(group)
        if not group.contract.active:
            no.add("contract_not_active")
        if len(group.members) >= self.terms_of(group).members:
            no.add("group_full")
        if self.group_of(number):
            no.add("number_in_a_group")
        return no

    def left(self, group: Group, number: str) -> None:
        del group.members[number]
        self.cancel(group, number if group.leader != number else None)
        if group.leader == number:
            group.leader = group.frozen = None

    def ended(self, group: Group) -> None:
        for number in list(group.members):
            self.left(group, number)
        group.open = False

    def against_naming(self, group: Group, number: str) -> set[str]:
        no = self.against_anything_of(group)
        if number not in group.members:
            no.add("not_a_member")
        if group.leader == number and not group.frozen:
            no.add("already_the_leader")
        return no

    def against_limit(self, group: Group, member: str | None, limit: int | None) -> set[str]:
        """Return the refusals of a limit; `limit` None lifts it."""
        no = self.against_anything_of(group)
        if member and member not in group.members:
            no.add("not_a_member")
        if limit is not None and limit > self.terms_of(group).cap:
            no.add("above_the_cap")
        stands = group.members.get(member) if member else group.limit
        if limit is None and stands is None:
            no.add("no_own_limit")
        return no

    def limited(self, group: Group, member: str | None, limit: int | None) -> None:
        if member:
            group.members[member] = group.contract.said[member] = limit
        else:
            group.limit = limit

"""Make the demonstration's world: the families of data/base.csv with six months behind them.

It uses the same verbs as everything else, with moments relative to now: it names leaders, activates
packages, delivers or fails them, closes and approves months. Each month is one transaction, so that
a killed first run is simply repeated. One thing is not done by a verb, because no verb would do it:
`_plant_a_disagreement`.
"""

from datetime import date, datetime, time, timedelta

from django.db import connection, transaction

from billing import charges
from billing.credits import give_credit
from billing.models import BillEntry, Charge, ChargeState, CreditSentence
from billing.month import closing
from groups.models import Contract, Membership
from groups.proof import RecordedCall
from klikon.activation.activate import activate
from klikon.activation.waiting import WaitingForTheFixedLeader
from klikon.demonstration.world import past, plan
from klikon.demonstration.world.plan import Family, Wish
from klikon.leader import leadership
from klikon.models import Activation, Channel, DeclarationChannel, LeaderAssignment
from superfamilja.accounts.models import User
from superfamilja.data.database import required
from superfamilja.messages.delivery import deliver_all
from superfamilja.values.months import TIRANE, month_before, month_of, next_month

CLIENT = "demonstration"
MONTHS = 6
AT_HIS_REQUEST = "kërkesë me telefon në 130"


def make(now: datetime) -> bool:
    """Make what is missing of the world. Return False when it was complete."""
    if last_activation():
        return False
    families = read()
    this_month = month_of(now)
    months = [this_month]
    while len(months) < MONTHS:
        months.insert(0, month_before(months[0]))
    _name_leaders(families, months[0])
    for month in months[:-1]:
        _past_month(families, month, now, is_last=month == months[-2])
    _this_month(families, now)
    return True


def last_activation() -> Activation | None:
    """Return the activation that is made last: with it the world is complete."""
    return _made(plan.PUZZLING)


def _made(key: str) -> Activation | None:
    return Activation.objects.filter(client=CLIENT, key=key).first()


def read() -> list[Family]:
    """Return the families of the base with a group, by contract number."""
    found: dict[Contract, list[Membership]] = {}
    members = Membership.objects.current().select_related("group__contract")
    for member in members.order_by("group__contract__number", "seat"):
        found.setdefault(member.group.contract, []).append(member)
    return [Family(contract.number, contract.status, own) for contract, own in found.items()]


@transaction.atomic
def _name_leaders(families: list[Family], first: date) -> None:
    """Name leaders by Declarations signed in a shop, in the days before the first month."""
    clerk = _person("kleriku")
    led = set(LeaderAssignment.objects.values_list("group_id", flat=True))
    for family in families:
        if family.leader is None or family.leader.group_id in led:
            continue
        at = _moment(first) - timedelta(days=family.index % 20, hours=family.index % 7)
        leadership.assign(
            member=family.leader,
            channel=DeclarationChannel.STORE,
            signatory_name=family.leader.group.contract.owner_name,
            evidence=f"Formulari {1200 + family.index}",
            at=at,
            actor=clerk,
            reason="në dyqan, me letërnjoftim",
            proof=past.payer_of(family.leader.group.contract, at),
        )
        past.deliver_messages(at)


@transaction.atomic
def _past_month(families: list[Family], month: date, now: datetime, *, is_last: bool) -> None:
    """Make a finished month: one person closes it, another approves it, except for the last one."""
    if not charges.is_closed(month):
        wishes = plan.of_month(families, month, now)
        if is_last:
            _credit_of_the_month_before(month)
            wishes = sorted([*wishes, *plan.last_month(families, month)], key=lambda w: w.at)
        _fulfil(wishes)
        if is_last:
            _plant_a_disagreement(month)
        after = _moment(next_month(month)) + timedelta(hours=9)
        closing.close_month(month=month, at=min(after, now), actor=_person("shqyrtuesi"))
    if not is_last:
        second_day = _moment(next_month(month)) + timedelta(days=1, hours=10)
        closing.approve_month(
            month=month,
            at=min(second_day, now),
            actor=_person("miratuesi"),
            reason="shifrat u krahasuan me muajin e mëparshëm",
        )


@transaction.atomic
def _this_month(families: list[Family], now: datetime) -> None:
    this_month = month_of(now)
    wishes = [*plan.of_month(families, this_month, now), *plan.dellinja(families, now)]
    wishes.sort(key=lambda wish: wish.at)
    _fulfil(wishes)
    deliver_all(lambda: now)
    past.forget_jobs()


def _fulfil(wishes: list[Wish]) -> None:
    agent = _person("agjenti")
    for wish in wishes:
        done = _activate(wish, agent)
        if isinstance(done, Activation):
            past.ends(done, wish.ends)


def _activate(wish: Wish, agent: User) -> Activation | WaitingForTheFixedLeader:
    by_staff = wish.channel == Channel.STAFF
    return activate(
        leader=required(wish.family.leader).msisdn,  # only those who have one activate
        member=wish.member.msisdn,
        package=wish.package,
        at=wish.at,
        channel=wish.channel,
        client=CLIENT,
        key=wish.key,
        repeat_confirmed=True,
        actor=agent if by_staff else None,
        reason=AT_HIS_REQUEST if by_staff else "",
        proof=RecordedCall(call=f"T-{wish.at:%Y%m%d-%H%M%S}") if by_staff else None,
    )


def _credit_of_the_month_before(month: date) -> None:
    """Credit one customer 200 Lek of what was billed the month before."""
    charge = Charge.objects.filter(
        contract__number=plan.CREDITED, month=month_before(month), state=ChargeState.SETTLED
    ).first()
    give_credit(
        charge=required(charge),  # the plan has one each month
        amount_lek=200,
        key=f"{CLIENT}-{month}",
        at=_moment(month, 8),
        actor=_person("agjenti"),
        reason="rrjeti mungoi dy ditë",
        told=CreditSentence.GOODWILL,
    )


def _plant_a_disagreement(month: date) -> None:
    """Write an entry that says 500 Lek more than its lines, so that the close parks one.

    No verb would do so; no other code writes to an entry by hand.
    """
    entry = BillEntry.objects.get(contract__number=plan.PARKED, month=month)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE billing_billentry SET spent = spent + 500 WHERE id = %s", [entry.pk])


def _person(username: str) -> User:
    return User.objects.get(username=username)


def _moment(month: date, day: int = 1) -> datetime:
    return datetime.combine(month.replace(day=day), time(0), TIRANE)

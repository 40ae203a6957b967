"""Make a family whose activation is struck, and collect everything that it leaves behind."""

from collections.abc import Callable
from dataclasses import dataclass
from unittest import mock

from django.db import connection, transaction

from billing import charges
from billing.models import BillEntry
from groups.models import Contract
from klikon.activation import record
from klikon.activation.activate import activate
from klikon.models import Activation, Channel, RefusedActivation
from klikon.provisioning import orders
from superfamilja.data.advisory_locks import KEY_LOCK
from superfamilja.messages.models import OutgoingMessage
from tests.factories import OwnLimitFactory, at, family_with_leader
from tests.faults.failpoints import struck_at

KEY = "the one key"
WORD = at("2026-11-05 14:05")


@dataclass(frozen=True)
class Family:
    """Numbers (E.164) of leader and member, and the contract; they buy with one key."""

    leader: str
    member: str
    contract_id: int

    @property
    def client(self) -> str:
        return f"faults {self.contract_id}"


def plain() -> Family:
    """Let the leader buy for another member; the payer is a third person."""
    group, leader = family_with_leader()
    return Family(leader.member.msisdn, group.memberships.get(seat=2).msisdn, group.contract_id)


def several(number: int) -> list[Family]:
    """Make several plain ones at once, because each process numbers its families from the start."""
    return [plain() for _ in range(number)]


def limited() -> Family:
    """Let the payer limit the member; that limit is counted while the entry is locked (R27)."""
    family = plain()
    group = Contract.objects.get(pk=family.contract_id).groups.get()
    member = group.memberships.get(seat=2)
    OwnLimitFactory(group=group, member=member, limit_lek=2000)
    return family


def refused() -> Family:
    """Let the payer's limit for the group allow nothing."""
    family = plain()
    OwnLimitFactory(group=Contract.objects.get(pk=family.contract_id).groups.get(), limit_lek=100)
    return family


def buy(family: Family) -> str:
    """One real activation, always with the same key; its reference, or that it waits."""
    given = activate(
        leader=family.leader,
        member=family.member,
        package="S700",
        at=WORD,
        channel=Channel.IVR,
        client=family.client,
        key=KEY,
    )
    return given.reference if isinstance(given, Activation) else given.code


def buy_with_the_charge_apart(family: Family) -> str:
    """Break the activation: commit the charge before the rest is written."""
    post = charges.post_charge

    def apart(**what: object) -> charges.Posted | None:
        posted = post(**what)  # type: ignore[arg-type]
        connection.connection.commit()
        return posted

    with mock.patch.object(charges, "post_charge", apart):
        return buy(family)


def buy_without_looking_back(family: Family) -> str:
    """Break the activation: do not check whether the key was answered before."""
    with mock.patch.object(record, "earlier_answer", return_value=None):
        return buy(family)


def struck(
    act: Callable[[Family], str], family: Family, point: str, strike: Callable[[], None]
) -> str:
    """Buy, and be struck at the named point."""
    with struck_at(point, strike):
        return act(family)


# Jobs name their activation by reference; a job without one may be ours as well.
_JOBS = """
    SELECT count(*) FROM procrastinate_jobs j
    LEFT JOIN klikon_activation a ON a.reference = j.args->>'reference'
    WHERE j.task_name = %s AND (a.id IS NULL OR a.contract_id = %s)
"""


def what_stands(family: Family) -> dict[str, int]:
    """Return what the database has of this family, once the dead process has released the key."""
    contract = Contract.objects.get(pk=family.contract_id)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s || chr(31) || %s))",
            [KEY_LOCK, family.client, KEY],
        )
        cursor.execute(_JOBS, [orders.TASK, contract.pk])
        jobs = cursor.fetchone()[0]
    entry = BillEntry.objects.filter(contract=contract).first()
    found = {
        "spent": entry.spent if entry else 0,
        "charges": contract.charges.count(),
        "activations": contract.activations.count(),
        "messages": OutgoingMessage.objects.filter(
            contract_number=contract.number, why__in=["activation_receipt", "cap_warning"]
        ).count(),
        "jobs": jobs,
        "refusals": RefusedActivation.objects.filter(contract=contract).count(),
    }
    return {what: number for what, number in found.items() if number}

"""Run the restore trial: sell, dump, sell on, restore, compare, decide, sell again."""

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

from django.utils import timezone

from billing.models import Charge, ChargeState
from klikon.activation.activate import activate
from klikon.charging_simulator.server import Simulator
from klikon.comparison import books, deciding, ending
from klikon.comparison.models import ComparedOrder, Ending
from klikon.models import Activation, Channel
from klikon.provisioning import delivery
from superfamilja.accounts.models import User
from superfamilja.accounts.roles import BILLING_APPROVER, BILLING_REVIEWER
from superfamilja.epoch.refusals import Halted
from tests.epoch import databases
from tests.factories import family_with_leader
from tests.signing_in import staff_member

BEFORE, LOST, AFTER = 10, 25, 30
# The endings of the twenty-five.
ENDINGS = [Ending.CHARGED] * 15 + [Ending.GIVEN_BACK] * 5 + [Ending.ACCEPTED] * 5
_keys = count(1)


@dataclass
class Told:
    """The findings of the trial."""

    lost: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    refused: int = 0
    sold_again: list[str] = field(default_factory=list)
    open_at_the_end: int = 0


def families(number: int) -> list[str]:
    """Return leaders' numbers, each of a family of its own."""
    return [family_with_leader()[1].member.msisdn for _ in range(number)]


def sell(leader: str) -> str:
    """Order and deliver one package; return its reference."""
    reference = order(leader)
    delivery.deliver(reference, timezone.now)
    return reference


def order(leader: str) -> str:
    """Accept one package without delivering it."""
    return activate(
        leader=leader,
        member=leader,
        package="S700",
        at=timezone.now(),
        channel=Channel.IVR,
        client="trial",
        key=f"trial {next(_keys)}",
        repeat_confirmed=True,
    ).reference


def run(name: str, folder: Path, charging: Simulator) -> Told:
    """Run the whole trial in a database of its own."""
    told = Told()
    leaders = families(AFTER)
    people = staff_member(BILLING_REVIEWER, "one"), staff_member(BILLING_APPROVER, "two")
    for leader in leaders[:BEFORE]:
        sell(leader)
    backup = databases.dump(folder / "backup")
    told.lost = [sell(leader) for leader in leaders[:LOST]]
    databases.restore(backup, name)
    told.refused = sum(_is_refused(leader) for leader in leaders[:5])
    told.listed = _compared()
    _decide(told.lost, *people)
    told.open_at_the_end = ComparedOrder.objects.open().count()
    _go_on(*people)
    told.sold_again = [sell(leader) for leader in leaders[:-1]]
    told.sold_again.append(_sell_what_another_has(leaders[-1], charging))
    return told


def _sell_what_another_has(leader: str, charging: Simulator) -> str:
    """Let the charging system have this reference already, for another number and package."""
    reference = order(leader)
    other = {"msisdn": "+355690000001", "package": "S2000", "validity_days": 28}
    charging.store.keep({"reference": reference, **other}, "done")
    delivery.deliver(reference, timezone.now)
    return reference


def _is_refused(leader: str) -> bool:
    try:
        sell(leader)
    except Halted:
        return True
    return False


def _compared() -> list[str]:
    books.compare(timezone.now())
    books.compare(timezone.now())  # a second time changes nothing
    return sorted(ComparedOrder.objects.values_list("reference", flat=True))


def _decide(lost: list[str], one: User, two: User) -> None:
    for reference, how in zip(lost, ENDINGS, strict=True):
        line = ComparedOrder.objects.get(reference=reference)
        said = {"at": timezone.now(), "reason": "restore of the trial"}
        deciding.propose_ending(lines=[line], how=how, actor=one, **said)  # type: ignore[arg-type]
        deciding.confirm_ending(line=line, expected=how, actor=two, **said)  # type: ignore[arg-type]


def _go_on(one: User, two: User) -> None:
    said = partial(dict, at=timezone.now(), reason="the books agree")
    ending.propose_end(actor=one, send_waiting=False, **said())
    deciding.end_standstill(actor=two, **said())


def given(charging: Simulator) -> Counter[tuple[str, str, str]]:
    """Return how often each reference, number and package was given."""
    return Counter(
        (row["reference"], row["msisdn"], row["package"]) for row in charging.store.given()
    )


def settled() -> set[tuple[str, str, str]]:
    """Return what is on bills here, in the charging system's words."""
    rows = Activation.objects.filter(charge__state=ChargeState.SETTLED)
    return set(rows.values_list("reference", "member__msisdn", "package_code"))


def charged_lek() -> int:
    """Return everything that families owe of what was settled, in Lek."""
    return sum(
        Charge.objects.filter(state=ChargeState.SETTLED).values_list("amount_lek", flat=True)
    )

"""Every fault of the charging system × kill -9 of the worker at every moment.

In the end there is one package and one charge, or neither. A contradiction is for a person, and no
order waits forever. At each moment one worker is busy with an order of each fault.
"""

from itertools import count

import pytest
from django.utils import timezone

from billing.models import Charge
from klikon.charging_simulator.faults import MODES
from klikon.models import Activation
from klikon.provisioning.models import Order
from tests.factories import family_with_leader
from tests.faults.conftest import World, wait_until
from tests.faults.paused import NEVER_ASKS
from tests.klikon.provisioning.charging import fate, ordered

pytestmark = pytest.mark.django_db(transaction=True)

FAULTS = sorted(MODES)
# These answers are about something else than what was ordered, so a person gets them at once (R36).
BY_REPLY = {"wrong_number", "wrong_package", "bare"}
BY_CALLBACK = {f"told_{lie}" for lie in BY_REPLY}
WORKER = ("worker", "--concurrency", str(len(FAULTS)))
_keys = count(1)


def an_order_of_each_fault(world: World) -> dict[str, Order]:
    """Make an order of each fault; the simulator treats each family's number separately."""
    orders = {}
    for fault in FAULTS:
        orders[fault] = ordered(timezone.now())
        number = orders[fault].activation.member.msisdn
        world.control(fault, number, seconds=0.3 if fault == "late" else 3)
    return orders


def all_have_ended(orders: dict[str, Order]) -> bool:
    mine = Order.objects.filter(pk__in=[order.pk for order in orders.values()])
    return not mine.exclude(next_at=None).exists()


def agree(world: World, order: Order) -> bool:
    """Check that there is one package and one charge, or neither."""
    _state, charge = fate(order)
    return (world.times_given(order.reference), charge) in {(1, "settled"), (0, "reversed")}


def kill_a_worker(world: World, orders: dict[str, Order], moment: str, stops: int) -> None:
    """Kill a worker with kill -9 while that many of its orders are at the moment."""
    with world.process(*WORKER, moment=moment) as doomed:
        world.wait_for_stops(stops)
        doomed.kill()
        doomed.wait()
    assert not all_have_ended(orders)


# How many orders reach the moment: those whose connection was cut never read an answer.
@pytest.mark.parametrize(
    ("moment", "stops"),
    [
        ("claimed, not sent", len(FAULTS)),
        ("sent, not answered", 6),
        ("answered, not recorded", 6),
        ("recording, not committed", 6),
    ],
)
def test_a_worker_killed_at_this_moment_costs_nobody_anything(
    world: World, moment: str, stops: int
) -> None:
    orders = an_order_of_each_fault(world)
    kill_a_worker(world, orders, moment, stops)
    world.control("fine")
    with world.process(*WORKER):
        wait_until(lambda: all_have_ended(orders))
    waiting = {fault for fault, order in orders.items() if fate(order)[0] == "person"}
    assert waiting <= {"contradict", *BY_CALLBACK}
    wrong = {fault for fault, order in orders.items() if not agree(world, order)}
    assert wrong - waiting == set()


def test_each_fault_ends_as_it_should_while_nobody_is_killed(world: World) -> None:
    orders = an_order_of_each_fault(world)
    with world.process(*WORKER):
        wait_until(lambda: orders_ended(orders, {"fine", "silent", "twice", "early", "late"}))
        world.control("fine")
        wait_until(lambda: all_have_ended(orders))
    ends = {fault: fate(order) for fault, order in orders.items()}
    # Before its answer or after it, a callback about something else stays a person's task.
    assert {ends.pop(fault)[0] for fault in BY_CALLBACK} == {"person"}
    assert ends == {
        "contradict": ("person", "settled"),
        **dict.fromkeys(BY_REPLY, ("person", "held")),
        "fail": ("failed", "reversed"),
        **dict.fromkeys(
            ["cut", "down", "early", "fine", "forget", "late", "silent", "slow", "twice"],
            ("done", "settled"),
        ),
    }
    wrong = {fault for fault, order in orders.items() if not agree(world, order)}
    assert wrong - BY_REPLY - BY_CALLBACK == set()


def orders_ended(orders: dict[str, Order], faults: set[str]) -> bool:
    return all_have_ended({fault: orders[fault] for fault in faults})


def test_killed_between_sending_and_recording_it_is_given_once(world: World) -> None:
    world.control("fine", keyless=True)
    order = ordered(timezone.now())
    kill_a_worker(world, {"": order}, "answered, not recorded", 1)
    assert fate(order) == ("ordered", "held")
    with world.process("worker"):
        wait_until(lambda: all_have_ended({"": order}))
    assert (fate(order), world.times_given(order.reference)) == (("done", "settled"), 1)


def test_control_one_that_sends_again_without_asking_gives_it_twice(world: World) -> None:
    world.control("fine", keyless=True)
    order = ordered(timezone.now())
    kill_a_worker(world, {"": order}, "answered, not recorded", 1)
    with world.process("worker", moment=NEVER_ASKS):
        wait_until(lambda: fate(order) == ("done", "settled"))
    assert world.times_given(order.reference) >= 2


def test_a_frozen_worker_that_wakes_up_changes_nothing(world: World) -> None:
    order = ordered(timezone.now())
    with world.process("worker", moment="answered, not recorded"):
        world.wait_for_stops(1)
        with world.process("worker"):
            wait_until(lambda: all_have_ended({"": order}))
            (world.directory / "go").touch()
            wait_until(lambda: order.events.filter(kind="stale").exists())
    assert (fate(order), world.times_given(order.reference)) == (("done", "settled"), 1)


def test_an_outage_is_made_up_for_and_everything_is_delivered_once(world: World) -> None:
    """An hour at 20 a second is in benchmarks/bench_provisioning.py; this is a minute."""
    world.control("down")
    with world.process(*WORKER):
        orders = {str(number): ordered(timezone.now()) for number in range(200)}
        world.control("fine")
        wait_until(lambda: all_have_ended(orders), seconds=120)
    assert {fate(order) for order in orders.values()} == {("done", "settled")}
    assert {world.times_given(order.reference) for order in orders.values()} == {1}


def test_killed_before_the_activation_commits_there_is_nothing(world: World) -> None:
    group, leader = family_with_leader()
    number, key = leader.member.msisdn, f"killed {next(_keys)} {timezone.now()}"
    with world.process(
        "activate", number, number, key, moment="in the activation's transaction"
    ) as doomed:
        world.wait_for_stops(1)
        doomed.kill()
        doomed.wait()
    assert not Activation.objects.filter(contract=group.contract).exists()
    assert not Charge.objects.filter(contract=group.contract).exists()

"""Run the charging simulator inside the test's process, and make orders for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from threading import Thread
from typing import Any

from klikon.activation.activate import activate
from klikon.charging_simulator.callbacks import Callbacks
from klikon.charging_simulator.faults import Behaviour
from klikon.charging_simulator.server import Simulator
from klikon.charging_simulator.store import SimulatorStore
from klikon.models import Channel
from klikon.provisioning.answers import Answer, Statement, Word
from klikon.provisioning.models import Order
from tests.factories import at, family_with_leader

NOW = at("2026-11-05 14:05")
_keys = count(1)


@contextmanager
def simulator(settings: Any, store: str = ":memory:") -> Iterator[Simulator]:
    """Run a simulator on a free port, as the charging system of the settings."""
    server = Simulator(("127.0.0.1", 0), SimulatorStore(store), Callbacks("", ""))
    settings.CHARGING_URL = f"http://127.0.0.1:{server.server_port}"
    settings.CHARGING_TIMEOUT = 1
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def behave(server: Simulator, mode: str, **more: Any) -> None:
    server.behaviour = Behaviour.told({"mode": mode, **more})


def times_given(server: Simulator, order: Order) -> int:
    """Return how many packages the member got for this order."""
    return sum(row["reference"] == order.reference for row in server.store.given())


def ordered(moment: datetime = NOW, package: str = "S700") -> Order:
    """Return the order of a new family's activation: the first member leads, the second gets it."""
    group, leader = family_with_leader()
    activation = activate(
        leader=leader.member.msisdn,
        member=group.memberships.get(seat=2).msisdn,
        package=package,
        at=moment,
        channel=Channel.IVR,
        client="test",
        key=f"provisioning {next(_keys)}",
    )
    return Order.objects.get(activation=activation)


def statement(order: Order, state: str = "", **otherwise: str) -> Statement:
    """Return what the charging system says about this order, with the given changes."""
    about = order.ordered
    said = Statement(about.reference, about.msisdn, about.package, state)
    return replace(said, **otherwise)


def answered(order: Order, word: Word, code: str = "") -> Answer:
    """Return an answer about what was ordered."""
    return Answer(word, code, about=statement(order))


def fate(order: Order) -> tuple[str, str]:
    """Return the states of the order and of its charge, which must agree."""
    order = Order.objects.select_related("activation__charge").get(pk=order.pk)
    return order.state, order.activation.charge.state


def after(**ago: float) -> datetime:
    return NOW + timedelta(**ago)

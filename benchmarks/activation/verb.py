"""Clients that activate through the verb, each a process with a Django and a connection of its own.

    DATABASE_URL=… python -m benchmarks.activation.verb '{"contracts": 100000, …}'

Prints what each needed, in microseconds.
"""

import json
import os
import sys
import time
import uuid
from multiprocessing import get_context
from typing import Any

from benchmarks.activation.questions import AT, CLIENT, PACKAGE, World


def main() -> None:
    """Fork the clients, let them warm up, start them at one instant, print the figures."""
    asked = json.loads(sys.argv[1])
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "superfamilja.settings")
    django.setup()
    from klikon import activation  # noqa: F401, PLC0415 - read once, before the fork

    processes = get_context("fork")
    start, results = processes.Barrier(asked["clients"]), processes.SimpleQueue()
    clients = [
        processes.Process(target=_client, args=(number, asked, start, results))
        for number in range(asked["clients"])
    ]
    for client in clients:
        client.start()
    found = [results.get() for _ in clients]
    for client in clients:
        client.join()
    json.dump([latency for latencies in found for latency in latencies], sys.stdout)


def _client(number: int, asked: dict[str, Any], start: Any, results: Any) -> None:
    world = World(asked["contracts"], asked["hot"])
    turns = iter(range(asked["first_turn"] + number, 1 << 62, asked["clients"]))
    _ask_for(asked["warm_up"], world, turns)
    start.wait()
    results.put(_ask_for(asked["seconds"], world, turns))


def _ask_for(seconds: float, world: World, turns: Any) -> list[int]:
    latencies = []
    end = time.perf_counter_ns() + int(seconds * 1e9)
    before = time.perf_counter_ns()
    while before < end:
        ask(world, next(turns))
        after = time.perf_counter_ns()
        latencies.append((after - before) // 1000)
        before = after
    return latencies


def ask(world: World, turn: int) -> Any:
    """One activation; a refusal ends the measurement."""
    from klikon.activation import activate  # noqa: PLC0415 - after django.setup
    from klikon.models import Channel  # noqa: PLC0415

    return activate(
        leader=world.leader(turn),
        member=world.member(turn),
        package=PACKAGE,
        at=AT,
        channel=Channel.IVR,
        client=CLIENT,
        key=str(uuid.uuid4()),
        repeat_confirmed=world.hot,
    )


if __name__ == "__main__":
    main()

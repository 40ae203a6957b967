"""Run client processes that start at the same instant and ask for some seconds."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from typing import Any

from benchmarks.activation.questions import World

Asking = Callable[[World, int], Any]


def run(make: Callable[[dict[str, Any]], Asking]) -> None:
    """Fork the clients, prepare and warm up each, and print every latency.

    The first argument is the task as JSON (runs.Run). A failing client ends all of them.
    """
    asked = json.loads(sys.argv[1])
    processes = get_context("fork")
    start, results = processes.Barrier(asked["clients"], timeout=60), processes.SimpleQueue()
    clients = [
        processes.Process(target=_client, args=(number, asked, make, start, results))
        for number in range(asked["clients"])
    ]
    for client in clients:
        client.start()
    found = [results.get() for _ in clients]
    if None in found:
        sys.exit("A client failed.")
    json.dump([latency for latencies in found for latency in latencies], sys.stdout)


def _client(
    number: int,
    asked: dict[str, Any],
    make: Callable[[dict[str, Any]], Asking],
    start: Any,
    results: Any,
) -> None:
    latencies = None
    try:
        ask = make(asked)
        world = World(asked["contracts"], asked["hot"])
        turns = iter(range(number, 1 << 62, asked["clients"]))
        _ask_for(asked["warm_up"], ask, world, turns)
        start.wait()
        latencies = _ask_for(asked["seconds"], ask, world, turns)
    finally:
        results.put(latencies)


def _ask_for(seconds: float, ask: Asking, world: World, turns: Iterator[int]) -> list[int]:
    latencies = []
    before = time.perf_counter_ns()
    end = before + int(seconds * 1e9)
    while before < end:
        ask(world, next(turns))
        after = time.perf_counter_ns()
        latencies.append((after - before) // 1000)
        before = after
    return latencies

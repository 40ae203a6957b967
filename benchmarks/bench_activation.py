"""How dear is an activation, beside PostgreSQL doing the same bare; and does it stay so?

    python benchmarks/bench_activation.py --pairs 5 --seconds 10 --sizes 10000 100000 1000000

Each pair, in turn first and second, on fresh copies of one database: `activate()` by clients that
are processes of their own, and pgbench sending the statements that one activation was heard to
send, prepared, in the same round trips. Spread over 100,000 contracts and all on one contract
whose terms have a huge cap; then over HTTP; then spread over bases of other sizes, which takes the
longest. Works in databases of its own on the embedded server, and removes them. Prints tables for
RESULTS.md.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("KLIKON_MODE", "demonstration")
os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"

from benchmarks.activation import databases  # noqa: E402
from benchmarks.activation.questions import World  # noqa: E402
from benchmarks.activation.runs import Figures, Run  # noqa: E402
from superfamilja.embedded_postgres import server  # noqa: E402

CONTRACTS = 100_000
CLIENTS = (1, 8, 32)
TABLES = (
    "groups_contract",
    "billing_billentry",
    "billing_charge",
    "klikon_activation",
    "outbox_outgoingmessage",
)


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    arguments = parser.parse_args()
    server.ensure_started(databases.DATA_DIR)
    with tempfile.TemporaryDirectory(prefix="klikon-bench-") as place:
        measurement = Measurement(Path(place), arguments.pairs, arguments.seconds)
        try:
            measurement.beside_pgbench()
            measurement.over_http()
            measurement.by_size(arguments.sizes)
        finally:
            measurement.remove()


class Measurement:
    """The runs of one table in turn, and their databases."""

    def __init__(self, place: Path, pairs: int, seconds: float) -> None:
        self.place, self.pairs, self.seconds = place, pairs, seconds
        self.worlds: dict[int, str] = {}
        self.copy = databases.name_of("copy")

    def beside_pgbench(self) -> None:
        """Compare verb and pgbench: every number of clients, spread and on one contract."""
        settings = [(hot, clients) for hot in (False, True) for clients in CLIENTS]
        found = self._interleaved(
            {
                (hot, clients, what): self._act(CONTRACTS, clients, what, hot)
                for hot, clients in settings
                for what in (Run.bare, Run.verb)
            }
        )
        lines = []
        for hot, clients in settings:
            bare, verb = found[hot, clients, Run.bare], found[hot, clients, Run.verb]
            lines.append(
                f"| {'one contract' if hot else 'spread'}, {clients} | {_rate(bare)} | "
                f"{_rate(verb)} | {_spread(_ratios(verb, bare))} | {_p99(bare)} | {_p99(verb)} |"
            )
        hot = [
            one.p99_ms / spread.p99_ms
            for one, spread in zip(found[True, 8, Run.verb], found[False, 8, Run.verb], strict=True)
        ]
        ratio = _ratios(found[False, 8, Run.verb], found[False, 8, Run.bare])
        self._say(f"""
## Activation

`python benchmarks/bench_activation.py --pairs {self.pairs} --seconds {self.seconds:.0f}` on
{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, embedded
PostgreSQL. {self._rows(CONTRACTS)}; load average at the end {os.getloadavg()[0]:.1f}.

| contracts, clients | pgbench, a second | `activate()`, a second | ÷ pgbench, median (lowest to \
highest) | p99 of pgbench | p99 of `activate()` |
|---|---|---|---|---|---|
{chr(10).join(lines)}

| bound | median (lowest to highest) |
|---|---|
| 8 clients spread ÷ pgbench (at least 0.30) | {_spread(ratio)} |
| p99 on one contract ÷ p99 spread, 8 clients (at most 3) | {_spread(hot)} |
""")

    def over_http(self) -> None:
        """Compare a JSON view and the desk's confirmation with pgbench."""
        views = {"JSON view": lambda run: run.http("json"), "desk": lambda run: run.http("desk")}
        acts = {"pgbench": Run.bare, **views}
        found = self._interleaved(
            {name: self._act(CONTRACTS, 8, act) for name, act in acts.items()}
        )
        lines = [
            f"| {name} | {_rate(found[name])} | "
            f"{_spread(_ratios(found[name], found['pgbench']))} | {_p99(found[name])} |"
            for name in acts
        ]
        self._say(f"""
Over HTTP, 8 clients spread, one granian process of 8 threads as `make run` starts it (the JSON
view is the benchmark's own; at least 0.20). The desk's is the confirmation of the activation page.

| what | a second | ÷ pgbench, median (lowest to highest) | p99 |
|---|---|---|---|
{chr(10).join(lines)}
""")

    def by_size(self, sizes: list[int]) -> None:
        """Measure the verb spread over bases of other sizes; a round goes through all of them."""
        if not sizes:
            return
        found = self._interleaved({size: self._act(size, 8, Run.verb) for size in sizes})
        lines = [
            f"| {self._rows(size)} | {_rate(found[size])} | "
            f"{_spread(_ratios(found[sizes[0]], found[size]))} | {_p99(found[size])} |"
            for size in sizes
        ]
        self._say(f"""
By the size of the base, 8 clients spread, each round on fresh copies (cost of one activation
beside the first base's: at most 1.2).

| rows | a second | cost, median (lowest to highest) | p99 |
|---|---|---|---|
{chr(10).join(lines)}
""")

    def remove(self) -> None:
        for name in (self.copy, *self.worlds.values()):
            databases.drop(name)

    def _interleaved(self, acts: dict[Any, Callable[[], Figures]]) -> dict[Any, list[Figures]]:
        """Do every act once a round, in alternating order."""
        found: dict[Any, list[Figures]] = defaultdict(list)
        for number in range(self.pairs):
            for key in list(acts) if number % 2 == 0 else reversed(acts):
                found[key].append(acts[key]())
            self._say(f"round {number + 1} of {self.pairs}: load {os.getloadavg()[0]:.1f}")
        return found

    def _act(
        self, contracts: int, clients: int, what: Callable[[Run], Figures], hot: bool = False
    ) -> Callable[[], Figures]:
        run = Run(self.copy, World(contracts, hot), clients, self.seconds, self.place)

        def act() -> Figures:
            databases.copy(self._world(contracts), self.copy)
            return what(run)

        return act

    def _world(self, contracts: int) -> str:
        if contracts not in self.worlds:
            self.worlds[contracts] = databases.name_of(str(contracts))
            databases.make_world(self.worlds[contracts], contracts)
        return self.worlds[contracts]

    def _rows(self, contracts: int) -> str:
        counts = databases.count(self._world(contracts), *TABLES).values()
        names = ("contracts", "bill entries", "charges", "activations", "messages")
        return ", ".join(f"{count} {name}" for count, name in zip(counts, names, strict=True))

    def _say(self, text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def _ratios(first: list[Figures], second: list[Figures]) -> list[float]:
    return [a.per_second / b.per_second for a, b in zip(first, second, strict=True)]


def _rate(figures: list[Figures]) -> str:
    return f"{statistics.median(f.per_second for f in figures):.0f}"


def _p99(figures: list[Figures]) -> str:
    return f"{statistics.median(f.p99_ms for f in figures):.0f} ms"


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    main()

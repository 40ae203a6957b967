"""Make a believable, plainly fictional subscriber file of any size."""

import csv
import io
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from groups.base_import.columns import COLUMNS
from groups.base_import.damage import Planted, damaged
from groups.base_import.making import Made, Maker


class Command(BaseCommand):
    help = (
        "Write FILE with N contracts, 1 to 4 members each. The same seed gives the same bytes. "
        "--damage makes the same base with every kind of damage planted in it, and lists it in "
        "FILE.damage.csv."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--contracts", type=int, required=True)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--damage", action="store_true")
        parser.add_argument("--to", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["to"]
        try:
            rows = make(options["contracts"], options["seed"], target, options["damage"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{target}: {options['contracts']} contracts, {rows} rows")


def make(contracts: int, seed: int, target: Path, with_damage: bool = False) -> int:
    """Write the file and, beside it, the list of the damage. Return the number of rows."""
    line = 1
    planted: list[tuple[int, str, str]] = []
    with target.open("wb") as file:
        file.write(_csv([list(COLUMNS)]))
        for made, harm in _contracts(contracts, seed, with_damage):
            if harm:
                if harm.also:
                    planted.append((line + 1 - harm.also, harm.kind, harm.code))
                planted.append((line + 1 + harm.row, harm.kind, harm.code))
            file.write(_bytes(made, harm))
            line += len(made.rows)
    if with_damage:
        with target.with_suffix(".damage.csv").open("w", encoding="utf-8", newline="") as sidecar:
            writer = csv.writer(sidecar, lineterminator="\n")
            writer.writerows([("line", "kind", "code"), *sorted(planted)])
    return line - 1


def _contracts(
    contracts: int, seed: int, with_damage: bool
) -> Iterable[tuple[Made, Planted | None]]:
    maker = Maker(seed)
    sound = (maker.any() if number else maker.dardha() for number in range(contracts))
    return damaged(sound, contracts) if with_damage else ((made, None) for made in sound)


def _bytes(made: Made, planted: Planted | None) -> bytes:
    if planted is None or planted.raw is None:
        return _csv(made.rows)
    return _csv(made.rows[: planted.row]) + planted.raw + b"\n" + _csv(made.rows[planted.row + 1 :])


def _csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()

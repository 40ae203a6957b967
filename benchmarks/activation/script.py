"""The statements that the verb itself sends, recorded and written down for pgbench.

    DATABASE_URL=… python -m benchmarks.activation.script '{"contracts": 100000, "hot": false}'

One activation is made and listened to. What belongs to this one (its numbers, ids, key and
reference) becomes a variable; everything else is sent as it was, each value as a parameter. Prints
the script and the values for pgbench's -D.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmarks.activation.questions import STRIDE, World

# The script's head chooses the same members, in the same order, as questions.World.
_SPREAD = """\
\\set turn :turn + :clients
\\set pair (:turn + :client_id) * {stride} % {pairs}
\\set n :pair % {contracts} + 1
\\set other :pair / {contracts}
"""
_HOT = """\
\\set turn :turn + :clients
\\set n {contracts} + 1
\\set other (:turn + :client_id) % 2
"""
_BOTH = """\
\\set leader 670000000 + 3 * :n
\\set member :leader + 1 + :other
\\set key random(1, 9000000000000000000)
\\set number random(2147483648, 1801152661462)
"""
_PLACEHOLDER = re.compile(r"%\((\w+)\)s|%s|%%")


@dataclass
class Script:
    """Lines of the script, and the values that never change."""

    lines: list[str]
    values: dict[str, str] = field(default_factory=dict)
    piped: bool = False

    def add(self, sql: str, parameters: Any, piped: bool, put: Callable[[Any], str | None]) -> None:
        """Add a statement; later ones may use the columns of its row."""
        self._pipe(piped)
        given = iter(() if isinstance(parameters, dict) else parameters or ())

        def written(match: re.Match[str]) -> str:
            if match[0] == "%%":
                return "%"
            value = parameters[match[1]] if match[1] else next(given)
            return put(value) or self._constant(value)

        text = " ".join(_PLACEHOLDER.sub(written, sql).split()).rstrip("; ")
        self.lines.append(text + (";" if piped else " \\gset"))

    def end(self) -> None:
        self._pipe(False)
        self.lines.append("COMMIT;")

    def _pipe(self, piped: bool) -> None:
        if piped != self.piped:
            self.lines.append("\\startpipeline" if piped else "\\endpipeline")
        self.piped = piped

    def _constant(self, value: Any) -> str:
        text = _as_sent(value)
        if not text:  # pgbench has no empty value
            return "NULL" if text is None else "''"
        names = [name for name, known in self.values.items() if known == text]
        name = names[0] if names else f"c{len(self.values)}"
        self.values[name] = text
        return f":{name}"


def record(world: World) -> Script:
    """Record one activation in the middle of the world."""
    from django.db import connection  # noqa: PLC0415 - after django.setup

    from benchmarks.activation.verb import ask  # noqa: PLC0415

    turn = world.contracts // 2
    heard: list[tuple[str, Any, bool]] = []

    def listen(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        piped = bool(connection.connection.pgconn.pipeline_status)
        heard.append((sql, parameters, piped))
        return execute(sql, parameters, many, context)

    connection.ensure_connection()
    with connection.execute_wrapper(listen):
        activation = ask(world, turn)
    head = (_HOT if world.hot else _SPREAD).format(
        stride=STRIDE, contracts=world.contracts, pairs=2 * world.contracts
    )
    script = Script([*(head + _BOTH).splitlines(), "BEGIN;"])
    for sql, parameters, piped in heard:
        script.add(sql, parameters, piped, lambda value: _variable(value, activation, world, turn))
    script.end()
    return script


def _variable(value: Any, activation: Any, world: World, turn: int) -> str | None:
    """Return the variable of a value that differs each time; None for a constant one."""
    reference = "('KN-' || :number::text)"
    own: dict[Any, str] = {
        world.leader(turn): "('+355' || :leader::text)",
        world.member(turn): "('+355' || :member::text)",
        activation.key: "(:key::text)",
        activation.reference: reference,
        activation.contract_id: ":contract_id",
        activation.group_id: ":group_id",
        activation.leader_id: ":leader_id",
        activation.member_id: ":member_id",
        activation.charge_id: ":charge_id",
    }
    if isinstance(value, str | int) and not isinstance(value, bool) and value in own:
        return own[value]
    sent = _as_sent(value) or ""
    if activation.reference not in sent:
        return None
    return _filled_in(
        sent,
        {
            activation.reference: reference,
            f'"B{world.contract(turn):07d}"': "('\"B' || :n::text || '\"')",
        },
    )


def _filled_in(text: str, changing: dict[str, str]) -> str:
    """Return a longer text in which some places change."""
    text = text.replace("%", "%%").replace("'", "''")
    for place, found in enumerate(changing, start=1):
        text = text.replace(found, f"%{place}$s")
    return f"format('{text}', {', '.join(changing.values())})"


def _as_sent(value: Any) -> str | None:
    """Return the value's text as psycopg sends it."""
    from django.db import connection  # noqa: PLC0415
    from psycopg.adapt import PyFormat, Transformer  # noqa: PLC0415

    if value is None:
        return None
    dumper = Transformer(connection.connection).get_dumper(value, PyFormat.TEXT)
    return bytes(dumper.dump(value)).decode()


def _values(script: Script) -> Iterator[str]:
    for name, value in script.values.items():
        yield f"{name}={value}"


def main() -> None:
    """Record and print as JSON."""
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    django.setup()
    script = record(World(**json.loads(sys.argv[1])))
    json.dump({"script": script.lines, "values": [*_values(script)]}, sys.stdout)


if __name__ == "__main__":
    main()

"""Count how often an activation waits for PostgreSQL, on the wire and in statements."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from klikon.activation.activate import activate
from klikon.models import Channel
from tests.factories import at, family_with_leader


@pytest.fixture
def warm() -> str:
    """Return a leader's number, with an activation's statements prepared on this connection."""
    leader = family_with_leader()[1].member.msisdn
    for key in ("1", "2", "3"):
        buy(leader, key)
    return leader


def buy(leader: str, key: str) -> None:
    activate(
        leader=leader,
        member=leader,
        package="S700",
        at=at("2026-11-05 14:05"),
        channel=Channel.IVR,
        client="round trips",
        key=f"{leader} {key}",
        repeat_confirmed=True,
    )


@pytest.mark.django_db(transaction=True)
def test_an_activation_is_six_round_trips(warm: str, tmp_path: Path) -> None:
    """Begin, locks, facts, entry and charge, messages with job and activation, commit."""
    wire = tmp_path / "wire"
    with wire.open("w") as file:
        connection.connection.pgconn.trace(file.fileno())
        buy(warm, "4")
        connection.connection.pgconn.untrace()
    said = [line.split("\t") for line in wire.read_text().splitlines()]
    kinds = [message[3].strip() for message in said if len(message) > 3]
    assert kinds.count("ReadyForQuery") == 6
    assert kinds.count("Parse") == 0  # every statement was planned before
    assert [kinds.count(kind) for kind in ("Query", "Bind")] == [2, 6]


@pytest.mark.django_db
def test_an_activation_is_six_statements(warm: str) -> None:
    heard: list[str] = []

    def listen(execute: Any, sql: str, *others: Any) -> Any:
        heard.append(sql)
        return execute(sql, *others)

    with connection.execute_wrapper(listen):
        buy(warm, "4")
    assert len([sql for sql in heard if "SAVEPOINT" not in sql]) == 6

"""Clients that activate over HTTP: the JSON view of web.py, or the desk's own confirmation.

    python -m benchmarks.activation.http '{"port": 8001, "view": "json", …}'

Bare sockets, kept open, so that the clients cost next to nothing. Prints how long each took.
"""

import json
import socket
import sys
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from benchmarks.activation import clients
from benchmarks.activation.questions import PACKAGE, World

_CSRF = "a" * 32


def main() -> None:
    """Run the clients; those of the desk share one signed-in session."""
    cookies = ""

    def make(asked: dict[str, Any]) -> clients.Asking:
        send = _sender(asked["port"])
        if asked["view"] == "json":
            return lambda world, turn: _ask_json(send, world, turn)
        return lambda world, turn: _confirm(send, world, turn, cookies)

    if json.loads(sys.argv[1])["view"] == "desk":
        cookies = _signed_in()
    clients.run(make)


def _ask_json(send: Callable[..., int], world: World, turn: int) -> None:
    asked = {
        "leader": world.leader(turn),
        "member": world.member(turn),
        "package": PACKAGE,
        "key": str(uuid.uuid4()),
        "repeat_confirmed": world.hot,
    }
    _require(200, send("/activate", "application/json", json.dumps(asked)))


def _confirm(send: Callable[..., int], world: World, turn: int, cookies: str) -> None:
    typed = {
        "member": world.member_id(turn),
        "package": PACKAGE,
        "call": "R-2026-1",
        "reason": "called 130",
        "key": uuid.uuid4().hex,
        "step": "confirm",
        "csrfmiddlewaretoken": _CSRF,
    }
    address = f"/admin/group/{world.group_id(turn)}/activate/"
    _require(302, send(address, "application/x-www-form-urlencoded", urlencode(typed), cookies))


def _require(wanted: int, status: int) -> None:
    if status != wanted:
        raise RuntimeError(f"The view answered {status}.")


def _sender(port: int) -> Callable[..., int]:
    """Return a function that posts over one connection and returns the answer's status."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(address: str, kind: str, body: str, cookies: str = "") -> int:
        head = (
            f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {kind}\r\n"
            f"Cookie: {cookies}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        connection.sendall((head + body).encode())
        return _status(connection)

    return post


def _status(connection: socket.socket) -> int:
    """Read one complete answer."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _more(connection)
    head, body = answer.split(b"\r\n\r\n", 1)
    lengths = [line[15:] for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"]
    left = int(lengths[0]) - len(body) if lengths else 0
    while left > 0:
        left -= len(_more(connection))
    return int(head.split(b" ", 2)[1])


def _more(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise ConnectionError("The server closed the connection.")
    return piece


def _signed_in() -> str:
    """Return the cookies of a care agent who is signed in with both factors."""
    import django  # noqa: PLC0415

    django.setup()
    from django.db import connections  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from superfamilja.accounts.roles import CARE_AGENT  # noqa: PLC0415
    from tests.signing_in import sign_in, staff_member  # noqa: PLC0415

    session = sign_in(Client(), staff_member(CARE_AGENT)).cookies["sessionid"].value
    connections.close_all()
    return f"sessionid={session}; csrftoken={_CSRF}"


if __name__ == "__main__":
    main()

"""Private parts of a dependency change with any release, so only a few listed modules use them."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import psycopg
import pytest
from aiortp.base_session import BaseRTPSession
from aiortp.session import RTPSession
from aiortp.transport import RtpTransport
from aiosipua import SipUAS
from aiosipua.transport import UdpSipTransport
from django.db import connection
from psycopg import errors, generators

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ["superfamilja", "groups", "billing", "klikon"]
# Django documents these, or announces changes of them in its release notes.
DJANGOS = {"_meta", "_state", "_base_manager", "_default_manager"}
# What each module relies on is pinned below.
KNOWN = {
    "superfamilja/data/bounded_postgres/base.py": {"_WaitTimeout"},
    "klikon/ivr/sip/listener.py": {"_calls", "_udp_transport"},
    "klikon/ivr/sip/media.py": {
        "_handle_rtp",
        "_handle_rtcp",
        "_on_rtp",
        "_on_rtcp",
        "_rtp_transport",
        "_rtcp_transport",
    },
}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_"


def touched(source: str) -> Iterator[str]:
    """Return private names of anything but the object or the module itself."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names if is_private(alias.name))
        elif isinstance(node, ast.Attribute) and is_private(node.attr):
            own = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls", "other"}
            of_super = isinstance(node.value, ast.Call) and ast.unparse(node.value) == "super()"
            if not (own or of_super or node.attr in DJANGOS):
                yield node.attr


def test_private_parts_are_touched_where_it_is_known() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            if "migrations" not in path.parts:
                for name in touched(path.read_text(encoding="utf-8")):
                    found[str(path.relative_to(ROOT))].add(name)
    assert found == KNOWN


def test_a_planted_private_part_is_found() -> None:
    planted = "from x import _y\nself._z = x._w()\nself.x._v\nrow._meta.fields"
    assert sorted(touched(planted)) == ["_v", "_w", "_y"]


@pytest.mark.django_db
def test_psycopg_says_by_an_error_of_its_own_that_a_wait_was_too_long() -> None:
    """BoundedConnection.wait gives a connection up on `_WaitTimeout` only."""
    with closing(connection.copy()) as apart:
        apart.ensure_connection()
        raw = apart.connection
        raw.pgconn.send_query(b"SELECT pg_sleep(5)")
        with pytest.raises(errors._WaitTimeout):
            psycopg.Connection.wait(raw, generators.execute(raw.pgconn), timeout=0.05)
        raw.pgconn.finish()


def test_the_sip_library_keeps_its_socket_and_its_calls_where_they_were() -> None:
    """The listener asks for its own address, and drops the calls that the library keeps."""
    assert "_udp_transport" in {field.name for field in fields(UdpSipTransport)}
    assert "_calls" in SipUAS.__init__.__code__.co_names


def test_the_rtp_library_hands_packets_on_as_it_did() -> None:
    """The media check where a packet comes from before the library takes it."""
    assert {"_rtp_transport", "_rtcp_transport"} <= set(BaseRTPSession.__init__.__code__.co_names)
    assert {"_handle_rtp", "_handle_rtcp"} <= set(vars(RTPSession))
    assert {"_on_rtp", "_on_rtcp"} <= set(RtpTransport.datagram_received.__code__.co_names)

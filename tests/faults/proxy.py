"""Cut the wire between portal and PostgreSQL in every way: TCP here, the socket there."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from time import sleep

from django.db import connection

CHUNK = 65_536
COMMIT = b"COMMIT"


class Fault(Enum):
    NONE = "all goes through"
    SILENT = "what is sent is taken, and nothing comes back"
    COMMIT_LOST = "a COMMIT does not arrive, and nothing comes back on that connection"
    ANSWER_LOST = "a COMMIT arrives, and its answer does not"
    SLOW = "each answer takes a second"
    REFUSED = "nobody listens, and what was connected is cut off"


class Proxy:
    """Forward connections from its port to the tests' PostgreSQL, as far as `fault` lets it."""

    def __init__(self) -> None:
        self.fault = Fault.NONE
        self.swallowed = threading.Event()  # set when a COMMIT was swallowed
        self._there = f"{connection.settings_dict['HOST']}/.s.PGSQL.5432"
        self._listening: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self.port = 0
        self.listen()

    @property
    def url(self) -> str:
        return f"postgres://portal@127.0.0.1:{self.port}/{connection.settings_dict['NAME']}"

    def listen(self) -> None:
        """Accept connections again, at the same port."""
        self.fault = Fault.NONE
        here = socket.create_server(("127.0.0.1", self.port))
        self._listening, self.port = here, here.getsockname()[1]
        threading.Thread(target=self._accept, args=(here,), daemon=True).start()

    def refuse(self) -> None:
        """Stop listening, and cut every connection."""
        self.fault = Fault.REFUSED
        if self._listening:
            with suppress(OSError):
                self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
            self._listening = None
        for end in list(self._open):
            _cut(end)

    def _accept(self, here: socket.socket) -> None:
        while True:
            try:
                client, _address = here.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._there)
            self._open |= {client, server}
            one = _Wire(self, client, server)
            for way in (one.up, one.down):
                threading.Thread(target=way, daemon=True).start()


class _Wire:
    """One connection, both ways."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self.proxy, self.client, self.server = proxy, client, server
        self.is_dead = False  # true once its COMMIT, or the answer to it, was swallowed

    def up(self) -> None:
        with suppress(OSError):
            while chunk := self.client.recv(CHUNK):
                if self._takes(chunk):
                    self.server.sendall(chunk)
        _cut(self.server)  # the other side notices that it ended

    def down(self) -> None:
        with suppress(OSError):
            while chunk := self.server.recv(CHUNK):
                if self.is_dead or self.proxy.fault is Fault.SILENT:
                    continue
                if self.proxy.fault is Fault.SLOW:
                    sleep(1)
                self.client.sendall(chunk)
        _cut(self.client)

    def _takes(self, chunk: bytes) -> bool:
        """Return whether it goes through to the server."""
        fault = self.proxy.fault
        if COMMIT in chunk and fault in {Fault.COMMIT_LOST, Fault.ANSWER_LOST}:
            self.is_dead = True
            self.proxy.swallowed.set()
            return fault is Fault.ANSWER_LOST
        return not (self.is_dead or fault is Fault.SILENT)


def _cut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def proxied() -> Iterator[Proxy]:
    """Return an intact wire to the tests' database."""
    proxy = Proxy()
    try:
        yield proxy
    finally:
        proxy.refuse()

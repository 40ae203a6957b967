"""An HTTP server that takes a request and hangs up without a word."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread


@contextmanager
def silent() -> Iterator[str]:
    """Its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=_take, args=(server,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    thread.join(5)


def _take(server: socket.socket) -> None:
    with suppress(OSError):
        connection, _who = server.accept()
        connection.recv(65536)
        connection.close()

"""Run a real clamd of the tests' own that knows one virus: EICAR's harmless one."""

import hashlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from clamav_client.clamd import ClamdError, ClamdNetworkSocket

# In two pieces, so that no scanner mistakes this file for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"


@contextmanager
def running(folder: Path) -> Iterator[int]:
    """Run it; return the port on which it answers. It takes streams of up to 1 MB."""
    port, signatures = a_free_port(), folder / "signatures"
    signatures.mkdir(mode=0o755)
    digest = hashlib.md5(EICAR, usedforsecurity=False).hexdigest()
    (signatures / "eicar.hdb").write_text(f"{digest}:{len(EICAR)}:Eicar-Test-Signature\n")
    config = folder / "clamd.conf"
    config.write_text(
        f"Foreground yes\nTCPAddr 127.0.0.1\nTCPSocket {port}\nStreamMaxLength 1M\n"
        f"LocalSocket {folder}/clamd.ctl\nDatabaseDirectory {signatures}\n"
    )
    command = [str(shutil.which("clamd")), "-c", str(config)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(process, port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = monotonic() + 30
    while monotonic() < until:
        try:
            ClamdNetworkSocket("127.0.0.1", port, timeout=5).ping()
        except (ClamdError, OSError):
            try:
                process.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                continue
            raise RuntimeError("clamd ended") from None
        else:
            return
    raise RuntimeError("clamd does not answer")


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port

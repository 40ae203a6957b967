"""A real Kannel, Debian's: a bearerbox and a smsbox of our own, bound to the tests' centre."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from tests.smsc.centre import Centre

_CONFIGURATION = """
group = core
admin-port = {admin}
admin-password = status
admin-interface = 127.0.0.1
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
log-file = "{folder}/bearerbox.log"
log-level = 0
store-type = file
store-location = "{folder}/store"

group = smsc
smsc = smpp
smsc-id = tests
host = 127.0.0.1
port = {smpp}
smsc-username = klik-on
smsc-password = secret
system-type = ""
transceiver-mode = true
source-addr-ton = 5
source-addr-npi = 0
dest-addr-ton = 1
dest-addr-npi = 1
msg-id-type = 0x03
reconnect-delay = 1
enquire-link-interval = 5

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {box}
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
log-file = "{folder}/smsbox.log"
log-level = 0
http-request-retry = 5
http-queue-delay = 1

group = sendsms-user
username = portal
password = kannel-secret
max-messages = 10
concatenation = true
"""


@contextmanager
def running(folder: Path, centre: Centre) -> Iterator[str]:
    """Kannel's sendsms address. Both boxes end on the way out."""
    admin, box, sendsms = (_free_port() for _ in range(3))
    file = folder / "kannel.conf"
    file.write_text(
        _CONFIGURATION.format(
            admin=admin, box=box, sendsms=sendsms, smpp=centre.port, folder=folder
        )
    )
    boxes = []
    try:
        for name, port in (("bearerbox", box), ("smsbox", sendsms)):
            program = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
            assert program is not None
            command = [program, "-v", "4", str(file)]
            boxes.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
            _wait_for(port)
        yield f"http://127.0.0.1:{sendsms}/cgi-bin/sendsms"
    finally:
        for process in reversed(boxes):
            process.terminate()
        for process in boxes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert monotonic() < deadline, "Kannel does not listen"
            sleep(0.05)
        else:
            return

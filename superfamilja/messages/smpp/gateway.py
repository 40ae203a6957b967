"""The gateway: as many binds as the settings say, each in a thread of its own."""

import logging
import os
import socket
from collections.abc import Callable
from datetime import datetime
from threading import Event, Thread

from superfamilja.messages.smpp.bind import Bind
from superfamilja.messages.smpp.options import SmppOptions

log = logging.getLogger(__name__)


def run(options: SmppOptions, clock: Callable[[], datetime], over: Event) -> None:
    """Bind and pass messages on until `over` is set, then let what is on its way be answered."""
    where = f"{socket.gethostname()[:30]}/{os.getpid()}"
    binds = [
        Bind(f"{where}/{number}", options, clock, over) for number in range(1, options.binds + 1)
    ]
    threads = [Thread(target=bind.run, name=bind.name) for bind in binds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.info("SMS gateway: ended")

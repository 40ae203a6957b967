"""Clients that activate through the verb, each a process with a Django and a connection of its own.

    DATABASE_URL=… python -m benchmarks.activation.verb '{"contracts": 100000, …}'

Prints how long each activation took, in microseconds.
"""

import os
import uuid
from typing import Any

from benchmarks.activation import clients
from benchmarks.activation.questions import AT, CLIENT, PACKAGE, World


def main() -> None:
    """Read Django once, before the fork; each client then connects for itself."""
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    django.setup()
    from klikon.activation import activate  # noqa: F401, PLC0415

    clients.run(lambda _asked: ask)


def ask(world: World, turn: int) -> Any:
    """One activation; a refusal ends the measurement."""
    from klikon.activation.activate import activate  # noqa: PLC0415 - after django.setup
    from klikon.models import Channel  # noqa: PLC0415

    return activate(
        leader=world.leader(turn),
        member=world.member(turn),
        package=PACKAGE,
        at=AT,
        channel=Channel.IVR,
        client=CLIENT,
        key=str(uuid.uuid4()),
        repeat_confirmed=world.hot,
    )


if __name__ == "__main__":
    main()

"""Stop a process of ours at a moment: `-m tests.faults.paused MOMENT DIRECTORY COMMAND …`.

It writes DIRECTORY/here-N for each thread that reaches the moment, and goes on only when
DIRECTORY/go exists. Until then it can be killed, or other processes can overtake it.
"""

import os
import sys
import time
from functools import wraps
from itertools import count
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

# Moment → the function, and whether the process stops before or after it.
MOMENTS = {
    "in the activation's transaction": ("klikon.provisioning.orders.order", "before"),
    "claimed, not sent": ("klikon.provisioning.delivery._talk", "before"),
    "sent, not answered": ("klikon.provisioning.line.client._read", "before"),
    "answered, not recorded": ("klikon.provisioning.delivery._talk", "after"),
    "recording, not committed": ("klikon.provisioning.line.verdict.apply", "after"),
    "activated, not said": ("klikon.ivr.facts.activate", "after"),
    "typed, not committed": ("klikon.desk.drafts._kept", "after"),
    "done, not committed": ("superfamilja.audit.acts.record", "after"),
    "code checked, nobody named": ("superfamilja.customers.codes.check", "after"),
    "named, not committed": ("klikon.desk.confirming._done", "after"),
    "committed, not answered": ("klikon.desk.confirming.confirm", "after"),
    "SMS claimed": ("superfamilja.messages.ledger.book.leaving", "before"),
    "SMS written down, not sent": ("superfamilja.messages.ledger.book.leaving", "after"),
    "SMS sent, not answered": ("superfamilja.messages.smpp.session.Session.submit", "after"),
    "SMS answered, not recorded": ("superfamilja.messages.ledger.book.record", "before"),
    "receipt heard, not recorded": ("superfamilja.messages.ledger.book._record_reports", "before"),
    "receipt recorded, not acknowledged": (
        "superfamilja.messages.smpp.session.Session.acknowledge",
        "before",
    ),
}
NEVER_ASKS = "never asks before it sends again"  # controls, not moments
SENDS_ALL_AGAIN = "sends every SMS again"


def main() -> None:
    """Patch the function, then run manage.py."""
    moment, directory, *command = sys.argv[1:]
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django  # noqa: PLC0415
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    django.setup()
    if moment == NEVER_ASKS:
        _never_ask()
    elif moment == SENDS_ALL_AGAIN:
        _send_all_again()
    elif moment:
        _stop_at(*MOMENTS[moment], Path(directory))
    if command[0] == "activate":
        _activate(*command[1:])
    elif command[0] == "answer_130":
        _answer_130()
    else:
        execute_from_command_line(["manage.py", *command])


def _stop_at(where: str, when: str, directory: Path) -> None:
    owner_path, name = where.rsplit(".", 1)
    owner = resolve_name(owner_path)
    real = getattr(owner, name)
    numbers = count(1)

    def stop() -> None:
        (directory / f"here-{next(numbers)}").touch()
        while not (directory / "go").exists():
            time.sleep(0.02)

    @wraps(real)
    def stopping(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            stop()
        outcome = real(*args, **kwargs)
        if when == "after":
            stop()
        return outcome

    setattr(owner, name, stopping)


def _never_ask() -> None:
    from klikon.provisioning import delivery  # noqa: PLC0415
    from klikon.provisioning.line import client  # noqa: PLC0415

    def send(claim: delivery.Claim) -> Any:
        return client.send(claim.package)

    delivery._talk = send


def _send_all_again() -> None:
    from superfamilja.messages.templates import MessageKind  # noqa: PLC0415

    MessageKind.is_sent_again = property(lambda _kind: True)  # type: ignore[method-assign,assignment]


def _answer_130() -> None:
    from django.core.management import call_command  # noqa: PLC0415

    from klikon.ivr.voice import voices  # noqa: PLC0415
    from tests.klikon.ivr.short_sounds import short_sound  # noqa: PLC0415

    voices.speak = short_sound
    call_command("answer_130", skip_checks=True)


def _activate(leader: str, member: str, key: str) -> None:
    from django.utils import timezone  # noqa: PLC0415

    from klikon.activation.activate import activate  # noqa: PLC0415
    from klikon.models import Channel  # noqa: PLC0415

    activate(
        leader=leader,
        member=member,
        package="S700",
        at=timezone.now(),
        channel=Channel.IVR,
        client="faults",
        key=key,
    )


if __name__ == "__main__":
    main()

"""How many SMS a second leave through one bind, in how much memory, and after the centre's outage.

    python benchmarks/bench_sms.py --messages 20000 --outage 432000 --memory 100000

With the gateway and an SMS centre as processes of their own, on a database of its own of the
embedded server, which is removed afterwards. The centre answers at once and sends a receipt of each
part. The outage is six hours at 20 activations a second (each one SMS here), written at once;
afterwards it is counted that each left once, and the codes before the rest. Prints the table for
RESULTS.md.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["KLIKON_MODE"] = "demonstration"
os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"

from benchmarks.activation import databases  # noqa: E402
from superfamilja.embedded_postgres import server  # noqa: E402
from tests.smsc.centre import Centre, running  # noqa: E402

DATABASE = databases.name_of("sms")
RECEIPT = {"is_payer": 0, "percent": 50, "spent_lek": 3300, "limit_lek": 6500}
RECEIPT |= {"room_left_lek": 3200}
AT_ONCE = 5000
ONE_CODE_IN = 100
MEGABYTE = 1024 * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--memory", type=int, default=100_000)
    parser.add_argument("--outage", type=int, default=432_000)
    arguments = parser.parse_args()
    server.ensure_started(databases.DATA_DIR)
    databases.make_world(DATABASE, 1)
    os.environ["DATABASE_URL"] = databases.url_of(DATABASE)
    import django  # noqa: PLC0415

    django.setup()
    lines = [f"{platform.platform()}, {os.cpu_count()} cores", ""]
    lines += [
        "| what | messages | parts | parts a second | largest memory, MB |",
        "|---|---|---|---|---|",
    ]
    try:
        for name, number in (
            ("one bind", arguments.messages),
            ("one bind, for longer", arguments.memory),
            ("after an outage", arguments.outage),
        ):
            if number:
                lines.append(measure(name, number))
                print(lines[-1], flush=True)  # noqa: T201
    finally:
        databases.drop(DATABASE)
    print("\n".join(lines))  # noqa: T201


def measure(name: str, number: int) -> str:
    """So many wait; from the first that leaves to the last receipt."""
    write(number)
    with running() as centre, gateway(centre) as process:
        largest = 0
        wait_until(lambda: centre.count() > 0)
        begun = time.monotonic()
        while (left := waiting()) > 0:
            largest = max(largest, process.memory_info().rss)
            time.sleep(0.5)
            if time.monotonic() - begun > 7200:
                raise SystemExit(f"{left} wait still.")
        seconds = time.monotonic() - begun
        once_each(centre, number)
        parts = centre.count()
    megabytes = largest / MEGABYTE
    return f"| {name} | {number:,} | {parts:,} | {parts / seconds:,.0f} | {megabytes:.0f} |"


def once_each(centre: Centre, number: int) -> None:
    """Each part left once, and the codes before the rest."""
    taken = centre.taken()
    to = [part.to for part in taken]
    if len({(part.to, part.octets) for part in taken}) != len(to) or len(set(to)) != number:
        raise SystemExit(f"{len(to)} parts left for {number}, to {len(set(to))} numbers.")
    codes = {f"35568{n:07d}" for n in range(0, number, ONE_CODE_IN)}
    last = max(place for place, who in enumerate(to) if who in codes)
    print(f"the last of {len(codes)} codes was number {last + 1} that left")  # noqa: T201


def write(number: int) -> None:
    from django.utils import timezone  # noqa: PLC0415 - after django.setup

    from superfamilja.messages import outbox  # noqa: PLC0415
    from superfamilja.messages.models import OutgoingMessage  # noqa: PLC0415

    begun = OutgoingMessage.objects.count()
    for first in range(0, number, AT_ONCE):
        outbox.write(
            [_sms(n, f"{begun}-{n}") for n in range(first, min(first + AT_ONCE, number))],
            at=timezone.now(),
        )


def _sms(number: int, about: str) -> Any:
    from superfamilja.messages.outbox import Sms  # noqa: PLC0415

    is_code = number % ONE_CODE_IN == 0
    return Sms(
        to=f"+35568{number:07d}",
        template="sign_in_code" if is_code else "cap_warning",
        language="en",
        why="bench",
        about=about,
        contract_number="",
        parameters={"code": "482913"} if is_code else {**RECEIPT, "month": "11/2026"},
    )


def waiting() -> int:
    from superfamilja.messages.models import OutgoingMessage  # noqa: PLC0415

    return OutgoingMessage.objects.filter(why="bench").exclude(delivery="delivered").count()


@contextmanager
def gateway(centre: Centre) -> Iterator[psutil.Process]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sms_gateway"],
        cwd=ROOT,
        env={
            **os.environ,
            "LOG_LEVEL": "ERROR",
            "SMS_TRANSPORT": "superfamilja.messages.transports.smpp.send",
            "SMPP_HOST": "127.0.0.1",
            "SMPP_PORT": str(centre.port),
            "SMPP_SYSTEM_ID": "klik-on",
            "SMPP_PASSWORD": "secret",
            "SMPP_WINDOW": "100",
        },
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def wait_until(done: Any) -> None:
    deadline = time.monotonic() + 120
    while not done():
        if time.monotonic() > deadline:
            raise SystemExit("The gateway does not bind.")
        time.sleep(0.1)


if __name__ == "__main__":
    main()

"""Every process on a restored database refuses to sell, send or import, and says why."""

import os
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest
from django.conf import settings as ours
from django.db import connection
from pytest_django import Settings

from klikon.provisioning.models import Order
from superfamilja.epoch import standing
from superfamilja.messages.models import OutgoingMessage
from tests.epoch import databases
from tests.klikon.provisioning.charging import ordered, simulator
from tests.smsc.centre import running as centre_running

pytestmark = pytest.mark.full
SAYS = "sells, tells and bills nothing (reloaded)"


def environment(settings: Settings) -> dict[str, str]:
    where = connection.settings_dict
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "superfamilja.settings",
        "CHARGING_URL": settings.CHARGING_URL,
        "EPOCH_FILE": str(settings.EPOCH_FILE),
        "DATABASE_URL": f"postgres://portal@/{where['NAME']}?host={where['HOST']}",
    }


def test_a_worker_and_commands_stand_still(
    own_database: str, settings: Settings, tmp_path: Path
) -> None:
    with simulator(settings) as charging:
        assert standing.look() is None
        order = ordered()
        databases.restore(databases.dump(tmp_path / "backup"), own_database)
        env = environment(settings)
        log = tmp_path / "log"
        command = [sys.executable, "manage.py", "worker"]
        with log.open("w") as file:
            process = subprocess.Popen(command, cwd=ours.BASE_DIR, env=env, stderr=file)
        try:
            until(lambda: SAYS in log.read_text())
            for name in ("deliver_messages", "import_catalogue"):
                arguments = ["data/catalogue.csv"] if name == "import_catalogue" else []
                done = subprocess.run(
                    [sys.executable, "manage.py", name, *arguments],
                    cwd=ours.BASE_DIR,
                    env=env,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert SAYS in done.stderr, name
            assert done.returncode == 1  # a file is refused in words
        finally:
            process.terminate()
            process.wait()
        assert Order.objects.get(pk=order.pk).attempt == 0
        assert not OutgoingMessage.objects.exclude(attempts=0).exists()
        assert charging.store.given() == []


def until(done: object, seconds: float = 60) -> None:
    deadline = monotonic() + seconds
    while not done():  # type: ignore[operator]
        assert monotonic() < deadline, "nothing was said"
        sleep(0.1)


def test_an_sms_gateway_on_a_copy_does_not_even_bind(
    own_database: str, settings: Settings, tmp_path: Path
) -> None:
    """A copy that binds would take the receipts of the database that sent."""
    assert standing.look() is None
    databases.restore(databases.dump(tmp_path / "backup"), own_database)
    log = tmp_path / "log"
    with centre_running() as centre:
        env = {
            **environment(settings),
            "SMS_TRANSPORT": "superfamilja.messages.transports.smpp.send",
            "SMPP_HOST": "127.0.0.1",
            "SMPP_PORT": str(centre.port),
            "SMPP_SYSTEM_ID": "klik-on",
            "SMPP_PASSWORD": "secret",
            "SMPP_LONGEST_WAIT": "0.1",
        }
        with log.open("w") as file:
            command = [sys.executable, "manage.py", "sms_gateway"]
            process = subprocess.Popen(command, cwd=ours.BASE_DIR, env=env, stderr=file)
        try:
            until(lambda: SAYS in log.read_text())
        finally:
            process.terminate()
            process.wait()
        assert centre.seen()["binds"] == 0

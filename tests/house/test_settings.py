"""Production refuses what is fit only for a demonstration; each check is a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "KLIKON_MODE": "production",
    "SECRET_KEY": "kZ3vQ8xW1pL5nR7tY2uB4cM6dF9gH0jS-aEiOqTwXyKlPmNbV",
    "DEBUG": "false",
    "DATABASE_URL": "postgres://portal:x@db.example:5432/portal",
    "ALLOWED_HOSTS": "portal.example",
    "ALLOW_EMBEDDED_DATABASE": "false",
    "SMS_TRANSPORT": "tests.superfamilja.messages.gateway.send",
    "CHARGING_URL": "https://charging.example/v1",
    "CHARGING_TOKEN": "a-token",
    "CHARGING_CALLBACK_KEYS": "whsec_YSBrZXkgb2YgdGhlIGNoYXJnaW5nIHN5c3RlbQ==",
    "CLAMAV_URL": "tcp://127.0.0.1:3310",
}
GOOD["SECRET_KEY"] += "0123456789"


def manage(*arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
    # Settings for tests must not reach the production that is started here.
    ours = {"DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"}
    environment = {k: v for k, v in os.environ.items() if k not in ours}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**environment, **GOOD, **changed},
        text=True,
        capture_output=True,
        check=False,
    )


def test_the_deploy_check_is_clean_in_production() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, "no issues" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing"),
        ({"SECRET_KEY": "only-for-demonstration-never-for-real-people"}, "SECRET_KEY is missing"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is missing, short"),
        ({"DEBUG": "true"}, "DEBUG shows people's data"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is empty"),
        ({"KLIKON_MODE": "prod"}, "either 'production' or 'demonstration'"),
    ],
)
def test_production_does_not_start_with(changed: dict[str, str], sentence: str) -> None:
    done = manage("check", **changed)
    assert done.returncode != 0
    assert sentence in done.stderr


def test_production_starts_with_the_embedded_database_when_told_so_plainly() -> None:
    done = manage("check", DATABASE_URL="", ALLOW_EMBEDDED_DATABASE="true")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("transport", "sentence"),
    [
        ("", "SMS_TRANSPORT names no transport"),
        ("superfamilja.messages.transports.nowhere.send", "SMS_TRANSPORT names no transport"),
        ("superfamilja.messages.transports.demonstration.send", "nobody would get an SMS"),
    ],
)
def test_production_does_not_pass_its_check_without_a_way_for_sms(
    transport: str, sentence: str
) -> None:
    done = manage("check", SMS_TRANSPORT=transport)
    assert done.returncode != 0
    assert sentence in done.stderr


SMPP = {
    "SMS_TRANSPORT": "superfamilja.messages.transports.smpp.send",
    "SMPP_HOST": "smsc.example",
    "SMPP_SYSTEM_ID": "klik-on",
    "SMPP_PASSWORD": "secret",
}
KANNEL = {
    "SMS_TRANSPORT": "superfamilja.messages.transports.kannel.send",
    "KANNEL_URL": "http://127.0.0.1:13013/cgi-bin/sendsms",
    "KANNEL_USERNAME": "portal",
    "KANNEL_PASSWORD": "secret",
    "KANNEL_RECEIPTS_URL": "https://portal.example",
}


@pytest.mark.parametrize("way", [SMPP, KANNEL], ids=["smpp", "kannel"])
def test_production_starts_with_a_way_for_sms(way: dict[str, str]) -> None:
    done = manage("check", **way)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({**SMPP, "SMPP_HOST": ""}, "SMPP_HOST is missing"),
        ({**SMPP, "SMPP_PASSWORD": ""}, "SMPP_PASSWORD is missing"),
        ({**SMPP, "SMS_SENDER": "Klik-ON SuperFamilja"}, "SMS_SENDER is longer"),
        ({**SMPP, "SMPP_LONG_AS": "sar"}, "SMPP_LONG_AS is neither"),
        ({**SMPP, "SMPP_WINDOW": "0"}, "SMPP_BINDS, SMPP_WINDOW"),
        ({**KANNEL, "KANNEL_PASSWORD": ""}, "KANNEL_PASSWORD is missing"),
        ({**KANNEL, "KANNEL_RECEIPTS_URL": ""}, "KANNEL_RECEIPTS_URL is missing"),
    ],
)
def test_production_does_not_pass_its_check_with_half_a_way_for_sms(
    changed: dict[str, str], sentence: str
) -> None:
    done = manage("check", **changed)
    assert done.returncode != 0
    assert sentence in done.stderr


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"CHARGING_URL": ""}, "CHARGING_URL names no charging system"),
        ({"CHARGING_URL": "https://127.0.0.1:8130"}, "CHARGING_URL names no charging system"),
        ({"CHARGING_URL": "http://charging.example/v1"}, "CHARGING_URL is not https"),
        ({"CHARGING_TOKEN": ""}, "CHARGING_TOKEN is missing"),
        ({"CHARGING_CALLBACK_KEYS": ""}, "CHARGING_CALLBACK_KEYS is missing"),
        ({"CHARGING_TIMEOUT": "30"}, "CHARGING_TIMEOUT is not shorter"),
    ],
)
def test_production_does_not_pass_its_check_without_a_charging_system(
    changed: dict[str, str], sentence: str
) -> None:
    done = manage("check", **changed)
    assert done.returncode != 0
    assert sentence in done.stderr


def test_the_simulator_is_refused_in_production() -> None:
    done = manage("charging_simulator")
    assert done.returncode != 0
    assert "packages come from a real system" in done.stderr


def test_demonstration_data_are_refused_in_production() -> None:
    done = manage("demo")
    assert done.returncode != 0
    assert "not a demonstration" in done.stderr


def test_the_demonstrations_page_has_no_address_in_production() -> None:
    done = manage("shell", "-c", "from django.urls import reverse; print(reverse('demo'))")
    assert "NoReverseMatch" in done.stderr


def test_the_example_names_every_setting_that_the_code_reads() -> None:
    code = (ROOT / "superfamilja" / "settings.py").read_text()
    code += (ROOT / "superfamilja" / "launcher" / "serve.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', code))
    read |= set(re.findall(r'environ\.get\("([A-Z_]+)"', code))
    said = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    assert read - said == set()

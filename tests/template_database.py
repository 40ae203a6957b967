"""Make a migrated database that every test database is copied from, once for each change.

Its name holds a fingerprint of every migration and of what migrations store, so that a change makes
a new template and drops the old ones.
"""

import fcntl
import hashlib
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "template_of_tests_"
_MADE_FROM = (
    "*/models.py",
    "*/models/*.py",
    "*/migrations/*.py",
    "*/*/models.py",
    "*/*/migrations/*.py",
    "superfamilja/data/append_only.py",
    "superfamilja/data/keys_by_chance.py",
    "superfamilja/values/random_keys.py",
    "superfamilja/data/table_operation.py",
    "superfamilja/accounts/*.py",
    "groups/terms_texts/*",
    "requirements.txt",
)


def prepare() -> None:
    """Ensure the template, and let Django copy test databases from it. Many workers may call it."""
    name = PREFIX + _fingerprint()
    lock = ROOT / "var" / "template_of_tests.lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if name not in _templates():
            _make(name)
    connection.settings_dict["TEST"]["TEMPLATE"] = name


def _fingerprint() -> str:
    content = hashlib.sha256()
    for pattern in _MADE_FROM:
        for path in sorted(ROOT.glob(pattern)):
            content.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return content.hexdigest()[:16]


def _templates() -> list[str]:
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        return [name for (name,) in cursor.fetchall()]


def _make(name: str) -> None:
    """Migrate under another name first, so that a killed run leaves no incomplete template."""
    half = f"{name}_half"
    mine, test = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    wanted = test["NAME"]
    test["NAME"] = half
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        test["NAME"] = wanted
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = mine
    with connection._nodb_cursor() as cursor:
        for old in _templates():
            if old != half:
                cursor.execute(f'DROP DATABASE "{old}"')
        cursor.execute(f'ALTER DATABASE "{half}" RENAME TO "{name}"')

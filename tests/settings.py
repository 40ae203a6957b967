"""The settings under which tests run, whatever the environment says."""

import os

os.environ["KLIKON_MODE"] = "demonstration"
os.environ["DEBUG"] = "false"
# Not the demonstration's, which `make run` has written to .env.
os.environ.setdefault("PROVISIONING_CONFIRM_AFTER", "300")

from superfamilja.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A test's rows need not survive a power cut; kill -9 of PostgreSQL is tested on servers of its own.
DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"  # noqa: F405

# Not a developer's own virus scanner: tests that want one start it.
CLAMAV_URL = ""

# A busy machine is no silent database; tests of the bound set it themselves.
WEB_DATABASE_SECONDS = 60
# Test databases are copied and dropped all the time: tests that want a mark outside name its place.
EPOCH_FILE = None
# Files that tests send in are no files of a developer's portal.
INCOMING_DIR = BASE_DIR / "var" / "test-incoming"  # noqa: F405

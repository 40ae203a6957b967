"""Settings for tests, independent of the environment."""

import os

os.environ["KLIKON_MODE"] = "demonstration"
os.environ["DEBUG"] = "false"
# Without the demonstration's values, which `make run` has written to .env.
os.environ.setdefault("PROVISIONING_CONFIRM_AFTER", "300")

from superfamilja.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Rows of a test need not survive a power cut; tests of kill -9 have servers of their own.
DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"  # noqa: F405

# Without a developer's own virus scanner; tests that need one start it.
CLAMAV_URL = ""

# A busy machine is no silent database; tests of the limit set it themselves.
WEB_DATABASE_SECONDS = 60
# Without a mark outside, because test databases are copied and dropped all the time. Tests of the
# mark name a place for it.
EPOCH_FILE = None
# Files that tests send in are no files of a developer's portal.
INCOMING_DIR = BASE_DIR / "var" / "test-incoming"  # noqa: F405

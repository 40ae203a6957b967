"""A real Chromium in front of the portal's own server: one browser a worker, one context a test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from superfamilja.accounts.models import Store
from superfamilja.accounts.roles import STORE_MANAGER
from tests.browser.looking import PHONE, Desk
from tests.desk.counter import Counter

# Playwright keeps an event loop in this thread, and the database is used between its steps.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
HERE = Path(__file__).parent
# Milliseconds, long enough for a slow machine. Only a failing test waits that long.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)
_OFFLINE = (
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder: it needs a Chromium and commits what it writes."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_type_launch_args,
        "executable_path": shutil.which("chromium"),
        "chromium_sandbox": False,
        "args": list(_OFFLINE),
    }


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Prefer English, like many phones: the portal speaks Albanian first nevertheless."""
    return {
        **browser_context_args,
        "viewport": PHONE,
        "locale": "en-GB",
        "reduced_motion": "reduce",
    }


@pytest.fixture
def desk(context: BrowserContext, page: Page, live_server: LiveServer) -> Iterator[Desk]:
    """Open the portal in a browser; any complaint of its console fails the test."""
    context.set_default_timeout(PATIENCE)
    desk = Desk(page, live_server.url)
    yield desk
    assert not desk.complaints, "\n".join(desk.complaints)


@pytest.fixture
def clerk(tmp_path: Path, settings: Settings) -> Counter:
    """Return a clerk in a shop of this test's own, because rows of other tests stay."""
    settings.UPLOADS_DIR = tmp_path
    return Counter(store=f"W{Store.objects.count()}")


@pytest.fixture
def manager(clerk: Counter) -> Counter:
    """Return the manager of the same shop."""
    return Counter(STORE_MANAGER, store=clerk.store.code)

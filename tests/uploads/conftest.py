"""Give each test a folder of its own for pages."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def kept(settings, tmp_path: Path) -> Path:
    settings.UPLOADS_DIR = tmp_path / "kept"
    return settings.UPLOADS_DIR

"""A folder of its own for what a test keeps."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def kept(settings, tmp_path: Path) -> Path:
    settings.UPLOADS_DIR = tmp_path / "kept"
    return settings.UPLOADS_DIR

"""A file in a folder that others look into: it appears whole or not at all."""

import os
from collections.abc import Iterator
from pathlib import Path


def write_whole(path: Path, pieces: Iterator[bytes]) -> None:
    """Write under another name, which no reader takes for a file, then rename."""
    unfinished = path.with_name(f"{path.name}.part")
    with unfinished.open("wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    _keep_the_name(path.parent)


def _keep_the_name(folder: Path) -> None:
    """A rename outlives a power cut when its folder is on the disk, too."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

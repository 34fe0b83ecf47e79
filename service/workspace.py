"""A folder per job that is gone afterwards, crash included.

Each folder is held by an advisory lock of its process. What a killed process left behind has no
holder, so the next start can tell it from the folder of a job that runs in a sibling worker.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)


@contextmanager
def workspace(root: Path, name: str) -> Iterator[Path]:
    """Give a fresh, locked folder ``root/name`` and remove it in the end."""
    folder = root / name
    folder.mkdir(parents=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def sweep(root: Path) -> int:
    """Remove every folder under ``root`` whose process is gone; return how many there were."""
    removed = 0
    for folder in root.iterdir() if root.is_dir() else ():
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
        except BlockingIOError:
            continue
        finally:
            os.close(descriptor)
    if removed:
        log.warning("removed %d work folders of jobs that were killed", removed)
    return removed

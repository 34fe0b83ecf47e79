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
    descriptor = _locked(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _locked(folder: Path) -> int:
    """Make a folder and hold its lock; once more when a starting process swept it away in between."""
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if _is(folder, descriptor):
            return descriptor
        os.close(descriptor)


def _is(folder: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(folder.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def sweep(root: Path) -> list[str]:
    """Remove every folder under ``root`` whose process is gone; return their names."""
    removed = []
    for folder in root.iterdir() if root.is_dir() else ():
        try:
            descriptor = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:
            continue  # another process starts as well and was faster
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(folder.name)
        except BlockingIOError:
            continue
        finally:
            os.close(descriptor)
    if removed:
        log.warning("removed %d work folders of jobs that were killed", len(removed))
    return removed

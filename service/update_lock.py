"""One update at a time per model store: a lock that dies with its process."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import UpdateRunning

NAME = ".model_update.lock"
ATTEMPTS, PAUSE_S = 5, 0.05


@contextmanager
def alone(store: Path) -> Iterator[None]:
    """Hold the lock of a store.

    Raises:
        UpdateRunning: when another process holds it.
    """
    store.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(store / NAME, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(descriptor)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> None:
    """Try for a moment: whoever only asks ``is_running`` holds the lock as well, for some microseconds."""
    for attempt in range(ATTEMPTS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if attempt < ATTEMPTS - 1:
                time.sleep(PAUSE_S)
        else:
            return
    raise UpdateRunning("another model update is running")


def is_running(store: Path) -> bool:
    """Tell whether somebody holds the lock of a store."""
    try:
        with alone(store):
            return False
    except UpdateRunning:
        return True

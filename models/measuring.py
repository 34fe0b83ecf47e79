"""Speed of one core, and size on disk: how artefacts are compared."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

REPEATS = 20


def median_ms(score: Callable[[], object], *, repeats: int = REPEATS) -> float:
    """Return the median processor time of ``score`` in milliseconds on one core, after one run to warm up.

    Processor time, of all threads together: on one core it is what the clock shows when nothing else runs.
    """
    taken_s = []
    with one_core():
        score()
        for _ in range(repeats):
            started = time.process_time()
            score()
            taken_s.append(time.process_time() - started)
    return 1000.0 * statistics.median(taken_s)


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process, and threads it starts, on one core, where the system can do that."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def megabytes(folder: Path) -> float:
    """Return the size of all files of an artefact in MB (10^6 bytes)."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6

"""Speed and size of a published model: one ten-minute transcript on one core."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path

from core.types import Segment
from models.text.data import CORPUS
from models.text.evaluation.views import SYLLABLES_PER_S
from models.text.normalise import normalise

SYLLABLES = 3_900
"""About ten minutes of telephone talk."""
REPEATS = 20


def ten_minutes(folder: Path = CORPUS, *, syllables: int = SYLLABLES) -> list[Segment]:
    """Return the utterances of our own calls, joined to one long call, as a recogniser would give them."""
    lines = (line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines())
    texts = [text for line in lines for text in json.loads(line)["text"].split("\n")]
    ends = list(accumulate(len(normalise(text)) for text in texts))
    count = sum(end < syllables for end in ends) + 1
    starts = [0, *ends]
    return [Segment(starts[k] / SYLLABLES_PER_S, ends[k] / SYLLABLES_PER_S, texts[k]) for k in range(count)]


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

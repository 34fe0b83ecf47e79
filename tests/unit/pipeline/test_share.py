from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.types import SAMPLE_RATE_HZ
from pipeline.chunk import MAX_CHUNK_S, Chunk, plan_chunks
from pipeline.share import share

LONGEST_S = 700


@cache
def recording() -> np.ndarray:
    """A tone with a pause every five seconds, made once: its sine costs more than all that is tested."""
    times = np.arange(LONGEST_S * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    loud = np.where(times % 5.0 < 4.6, 0.3, 0.0)
    return (loud * np.sin(times * 2000.0)).astype(np.float32)


def read(start_s: float, end_s: float) -> np.ndarray:
    return recording()[round(start_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)]


def chunks(length_s: float) -> tuple[Chunk, ...]:
    return plan_chunks([read(0.0, length_s)])


@settings(deadline=None, max_examples=25)
@given(length_s=st.integers(1, LONGEST_S), parallel=st.integers(1, 6))
def test_pieces_cover_the_call_in_order_without_gap(length_s, parallel):
    pieces = share(chunks(length_s), parallel, read)
    assert [piece.index for piece in pieces] == list(range(len(pieces)))
    assert pieces[0].start_s == 0.0
    assert pieces[-1].end_s == pytest.approx(length_s)
    assert all(a.end_s == pytest.approx(b.start_s) for a, b in pairwise(pieces))
    assert all(0.0 < piece.end_s - piece.start_s <= MAX_CHUNK_S + 1e-6 for piece in pieces)


@pytest.mark.parametrize("length_s", [100, 121, 300, 414])
def test_two_workers_end_at_about_the_same_time(length_s):
    ends = [0.0, 0.0]
    for piece in share(chunks(length_s), 2, read):
        ends[int(np.argmin(ends))] += piece.end_s - piece.start_s
    assert max(ends) < length_s / 2 + 12.0


def test_a_short_call_and_a_single_worker_keep_their_chunks():
    assert share(chunks(30), 2, read) == chunks(30)
    assert share(chunks(300), 1, read) == chunks(300)

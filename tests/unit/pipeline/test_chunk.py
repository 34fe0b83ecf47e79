from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.chunk import plan_chunks

RATE = 16_000


def noise(seconds: float, level: float = 0.3) -> np.ndarray:
    return (np.random.default_rng(0).standard_normal(int(seconds * RATE)) * level).astype(np.float32)


def split(samples: np.ndarray, sizes: list[int]) -> list[np.ndarray]:
    return np.split(samples, np.cumsum(sizes)) if sizes else [samples]


@settings(deadline=None, max_examples=60)
@given(
    length=st.integers(0, 6 * RATE),
    sizes=st.lists(st.integers(0, RATE), max_size=6),
    max_s=st.sampled_from([0.5, 1.0, 1.005, 2.0]),
)
def test_pieces_cover_the_call_without_gap_or_overlap(length, sizes, max_s):
    chunks = plan_chunks(split(noise(6)[:length], sizes), max_s=max_s)
    borders = [round(chunk.start_s * RATE) for chunk in chunks] + [length]
    assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
    assert [round(chunk.end_s * RATE) for chunk in chunks] == borders[1:]
    assert borders[0] == 0
    assert all(0 < stop - start <= max_s * RATE for start, stop in zip(borders, borders[1:], strict=False))


@settings(deadline=None, max_examples=30)
@given(sizes=st.lists(st.integers(1, RATE), max_size=8))
def test_the_plan_does_not_depend_on_how_the_audio_arrives(sizes):
    samples = noise(5) * np.repeat([1, 0.01, 1, 0.01, 1], RATE).astype(np.float32)
    assert plan_chunks(split(samples, sizes), max_s=2) == plan_chunks([samples], max_s=2)


def test_the_cut_lies_in_the_middle_of_the_longest_silence():
    call = np.concatenate([noise(7), noise(1, 1e-4), noise(1), noise(0.3, 1e-4), noise(3)])
    first, second = plan_chunks([call], max_s=10)
    assert first.end_s == second.start_s == pytest.approx(7.5, abs=0.03)


def test_silence_is_found_on_a_noisy_line():
    call = np.concatenate([noise(8), noise(0.6, 0.1), noise(4)])
    assert plan_chunks([call], max_s=10)[0].end_s == pytest.approx(8.3, abs=0.05)


def test_without_silence_the_quietest_spot_is_cut():
    call = np.concatenate([noise(8), noise(0.06, 0.1), noise(4)])
    assert plan_chunks([call], max_s=10)[0].end_s == pytest.approx(8.03, abs=0.06)


def test_a_short_call_is_one_piece():
    (chunk,) = plan_chunks([noise(3)])
    assert (chunk.start_s, chunk.end_s) == (0.0, 3.0)


def test_nothing_has_no_pieces():
    assert plan_chunks([]) == ()

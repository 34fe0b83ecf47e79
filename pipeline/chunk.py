"""Where to cut a call: pieces of bounded length, cut in silence, planned while the audio streams by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ

FRAME_SAMPLES = SAMPLE_RATE_HZ // 50  # 20 ms
MAX_CHUNK_S = 120.0
SEARCH_S = 30.0
"""A cut may lie this far before the longest allowed length, but never in the first half of it."""

_QUIETEST_DB = -80.0  # dBFS; digital silence and dither count alike
_MIN_SILENCE_FRAMES = 8  # 160 ms: the closure of a Korean tense stop is shorter, a pause is longer
_SMOOTH_FRAMES = 5
_MIN_RANGE_DB = 6.0  # below it the call is one even sound and has no silence


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a call; times are whole samples in seconds, ``end_s`` of one is ``start_s`` of the next."""

    index: int
    start_s: float
    end_s: float


def plan_chunks(
    blocks: Iterable[NDArray[np.float32]], *, max_s: float = MAX_CHUNK_S, search_s: float = SEARCH_S
) -> tuple[Chunk, ...]:
    """Return the pieces of a stream of blocks (mono, 16 kHz, float32) without gap or overlap, in order."""
    planner = ChunkPlanner(max_s=max_s, search_s=search_s)
    for block in blocks:
        planner.feed(block)
    return planner.finish()


class ChunkPlanner:
    """Takes the blocks as they come; holds the 20-ms levels of one piece, never the audio."""

    def __init__(self, *, max_s: float = MAX_CHUNK_S, search_s: float = SEARCH_S) -> None:
        self._max = max(FRAME_SAMPLES, int(max_s * SAMPLE_RATE_HZ))  # samples
        self._search_frames = int(min(search_s, max_s / 2) * SAMPLE_RATE_HZ) // FRAME_SAMPLES
        self._rest = np.zeros(0, np.float32)  # samples that do not fill a frame yet
        self._levels = np.zeros(0, np.float32)  # dBFS of the frames since the last cut
        self._borders = [0]  # samples

    def feed(self, block: NDArray[np.float32]) -> None:
        """Take the next block, shape (n,), any n."""
        samples = np.concatenate([self._rest, block])
        count = len(samples) // FRAME_SAMPLES
        frames = samples[: count * FRAME_SAMPLES].reshape(count, FRAME_SAMPLES)
        self._rest = samples[count * FRAME_SAMPLES :].copy()
        self._levels = np.concatenate([self._levels, frame_levels(frames)])
        self._cut()

    def finish(self) -> tuple[Chunk, ...]:
        """Return all pieces; the last one ends with the audio."""
        self._cut()
        end = self._borders[-1] + self._pending
        borders = self._borders + [end] * (self._pending > 0)
        return tuple(
            Chunk(index, start / SAMPLE_RATE_HZ, stop / SAMPLE_RATE_HZ)
            for index, (start, stop) in enumerate(pairwise(borders))
        )

    @property
    def _pending(self) -> int:
        """Samples since the last cut."""
        return len(self._levels) * FRAME_SAMPLES + len(self._rest)

    def _cut(self) -> None:
        while self._pending > self._max:
            cut = best_cut(self._levels[: self._max // FRAME_SAMPLES], self._search_frames)
            self._borders.append(self._borders[-1] + cut * FRAME_SAMPLES)
            self._levels = self._levels[cut:]


def frame_levels(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the level of each frame in dBFS: (n, samples) to (n,), never below -80."""
    power = np.mean(np.square(frames, dtype=np.float64), axis=1)
    decibel: NDArray[np.float32] = (10.0 * np.log10(np.maximum(power, 10.0 ** (_QUIETEST_DB / 10)))).astype(np.float32)
    return decibel


def best_cut(levels: NDArray[np.float32], search_frames: int) -> int:
    """Return after how many frames to cut, 1..len(levels), searching the last ``search_frames``.

    The middle of the longest silence, the later of two equal ones; the quietest spot when there is
    no silence. What silence is follows from the call: noisy lines have a high floor.
    """
    first = max(1, len(levels) - search_frames)
    window = levels[first:]
    if not len(window):
        return len(levels)
    floor, speech = np.percentile(levels, [3, 90])
    silence = floor + max(3.0, 0.2 * float(speech - floor)) if speech - floor > _MIN_RANGE_DB else _QUIETEST_DB
    quiet = window <= silence
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.view(np.int8), [0]])))
    starts, stops = edges[::2], edges[1::2]
    if len(starts) and (stops - starts).max() >= _MIN_SILENCE_FRAMES:
        longest = len(starts) - 1 - int(np.argmax((stops - starts)[::-1]))
        return first + int(starts[longest] + stops[longest]) // 2
    width = min(_SMOOTH_FRAMES, len(window))
    smooth = np.convolve(window, np.ones(width) / width, mode="valid")
    return first + int(np.argmin(smooth)) + width // 2

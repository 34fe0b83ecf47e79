"""How the recogniser's workers share the chunks of a call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from math import ceil

import numpy as np
from numpy.typing import NDArray

from pipeline.chunk import MAX_CHUNK_S, Chunk, plan_chunks

MIN_SHARED_S = 40.0
"""Less than this is a few windows of the recogniser; sharing it out would gain nothing."""
_SLACK_S = 8.0  # room to find a silence in
_BLOCK_S = 10.0


def share(
    chunks: Sequence[Chunk], parallel: int, read: Callable[[float, float], NDArray[np.float32]]
) -> tuple[Chunk, ...]:
    """Return the pieces of a call in order, the last round cut anew so that all workers end together.

    Without it a call of 121 s keeps one worker busy and the others waiting. ``read(start_s, end_s)``
    returns the samples of a stretch; at most a few seconds are held at once.
    """
    full = (len(chunks) - 1) // parallel * parallel
    kept, last = tuple(chunks[:full]), chunks[full:]
    start_s, end_s = last[0].start_s, last[-1].end_s
    length_s = end_s - start_s
    if parallel == 1 or length_s < MIN_SHARED_S:
        return tuple(chunks)
    rounds = ceil(length_s / parallel / (MAX_CHUNK_S - _SLACK_S))
    max_s = min(length_s / (parallel * rounds) + _SLACK_S, max(chunk.end_s - chunk.start_s for chunk in chunks))
    return kept + tuple(
        replace(piece, index=full + piece.index, start_s=start_s + piece.start_s, end_s=start_s + piece.end_s)
        for piece in plan_chunks(_blocks(start_s, end_s, read), max_s=max_s, search_s=2 * _SLACK_S)
    )


def _blocks(
    start_s: float, end_s: float, read: Callable[[float, float], NDArray[np.float32]]
) -> Iterator[NDArray[np.float32]]:
    borders = np.append(np.arange(start_s, end_s, _BLOCK_S), end_s)
    for start, stop in pairwise(borders):
        yield read(float(start), float(stop))

"""Decode, spool and chunk in one pass: the recording is read once and never held in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.audiofile import spool
from pipeline.chunk import Chunk, ChunkPlanner
from pipeline.decode import decode_blocks


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a call may be and how long its pieces; all in seconds."""

    max_duration_s: float = 4 * 3600.0
    min_duration_s: float = 0.5
    chunk_s: float = 120.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """A call on disk as a 16-kHz mono wav, and where to cut it."""

    duration_s: float
    chunks: tuple[Chunk, ...]


def prepare(path: Path, wav_path: Path, limits: Limits) -> Prepared:
    """Convert ``path`` to a 16-bit wav at ``wav_path`` and plan its pieces.

    Nothing is left at ``wav_path`` when this fails.

    Raises:
        core.errors.FileNotFound: when ``path`` is not a file.
        core.errors.BadAudio: when it holds no decodable or not enough audio.
        core.errors.TooLarge: when it is longer than ``limits.max_duration_s``.
    """
    planner = ChunkPlanner(max_s=limits.chunk_s)
    blocks = decode_blocks(path, max_duration_s=limits.max_duration_s, min_duration_s=limits.min_duration_s)
    duration_s = spool(_watched(blocks, planner), wav_path)
    return Prepared(duration_s, planner.finish())


def _watched(blocks: Iterator[NDArray[np.float32]], planner: ChunkPlanner) -> Iterator[NDArray[np.float32]]:
    for block in blocks:
        planner.feed(block)
        yield block

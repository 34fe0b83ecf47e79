"""Which label a stored call teaches, how much it counts, and whether it is kept for judging."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

from core.evidence import StoredRow
from core.types import Thresholds
from models.text.duplicates import SHINGLE

PERSON, REROLL, DISDATA, REHEARSAL = "person", "reroll", "disdata", "corpus"
TRAIN, TUNE, TEST = "train", "tune", "test"
OWN_WEIGHT = 0.1
"""A prediction of our own counts a tenth of a person's label: it mostly repeats what the model believes already."""
HELD_OUT = 5
"""One call in so many is kept from training: half of them to calibrate with, half to judge by."""


@dataclass(frozen=True, slots=True)
class Example:
    """One call to learn from or to be judged by. ``text`` is normalised, ``weight`` counts calls."""

    id: str
    text: str
    label: int
    weight: float
    origin: str
    part: str = TRAIN


@dataclass(frozen=True, slots=True)
class Taught:
    """What a row says about its call."""

    label: int
    weight: float
    origin: str


def taught(row: StoredRow, score: Callable[[], float], thresholds: Thresholds, *, plain: bool = False) -> Taught | None:
    """Return what a row teaches, or None: a person's label, else ``reroll``, else ``disdata``.

    The last two are predictions of our own. They enter only when they say safe or danger, the active model
    agrees, and its score is far from the border; with ``plain`` every graded row enters at full weight, by
    ``disdata`` alone (0 is normal, 1 and 2 are scam).

    Args:
        row: a finished call.
        score: gives the active model's score of it, 0..1; only called when it is needed.
        thresholds: borders of the active model.
        plain: the behaviour of earlier systems.
    """
    if plain:
        return None if row.disdata is None else Taught(int(row.disdata >= 1), 1.0, DISDATA)
    if row.label in {0, 1}:
        return Taught(int(row.label), 1.0, PERSON)
    grade, origin = (row.disdata, DISDATA) if row.reroll is None else (row.reroll, REROLL)
    if grade not in {0, 2} or not is_far(score(), grade, thresholds):
        return None
    return Taught(grade // 2, OWN_WEIGHT, origin)


def is_far(score: float, grade: int, thresholds: Thresholds) -> bool:
    """Tell whether a score agrees with grade 0 or 2 and lies at least half-way from the border to certainty."""
    if grade == 0:
        return score <= thresholds.caution / 2
    return score >= (1.0 + thresholds.danger) / 2


def part_of(text: str) -> str:
    """Return whether a normalised text is learned from (``train``), calibrated with or judged by.

    Decided by the smallest hash of its runs of 12 syllables, so that a call always falls on the same side, and
    calls that share most of their text usually fall together.
    """
    runs = range(max(1, len(text) - SHINGLE + 1))
    smallest = min(zlib.crc32(text[start : start + SHINGLE].encode()) for start in runs)
    place = zlib.crc32(smallest.to_bytes(4)) % (2 * HELD_OUT)
    return {0: TUNE, 1: TEST}.get(place, TRAIN)

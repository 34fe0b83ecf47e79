"""The same recording stands in several sources: find calls that share text with held-out ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from models.text.data import Call

SHINGLE = 12
"""Hangul syllables in a shingle."""
SHARED = 3
"""This many shingles in common make a duplicate; one or two are a stock phrase of the trade."""
_NOT_HANGUL = re.compile(r"[^가-힣]+")


def shingles(text: str) -> frozenset[int]:
    """Return the hashes of all runs of 12 Hangul syllables (spacing and other characters ignored)."""
    hangul = _NOT_HANGUL.sub("", text)
    return frozenset(hash(hangul[i : i + SHINGLE]) for i in range(len(hangul) - SHINGLE + 1))


def without_duplicates(
    train: Iterable[int], held_out: Iterable[int], calls: Sequence[Call], table: Sequence[frozenset[int]]
) -> list[int]:
    """Return the indices of ``train`` whose call shares fewer than ``SHARED`` shingles with the held-out calls.

    Args:
        train: indices into ``calls``.
        held_out: indices into ``calls``.
        calls: all calls; our own are kept, they were written from nothing.
        table: ``shingles`` of each call.
    """
    seen: set[int] = set()
    for index in held_out:
        seen |= table[index]
    return [index for index in train if len(table[index] & seen) < SHARED or calls[index].source == "corpus"]

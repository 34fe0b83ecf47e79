"""Long calls become overlapping windows: nothing is ever cut away silently."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

WINDOW = 300
"""Syllables in a window; about 390 characters of ordinary text, a minute of speech."""
HOP = 150
"""Syllables between the starts of two windows, so that every demand is seen whole once."""


def spans(length: int, *, size: int = WINDOW, hop: int = HOP) -> list[tuple[int, int]]:
    """Return (start, end) of windows that together cover ``length`` characters.

    The last window is moved back to end with the text, so that it is as long as the others.
    A text of at most ``size`` is one window; an empty one has none.
    """
    if length <= 0:
        return []
    if length <= size:
        return [(0, length)]
    starts = [*range(0, length - size, hop), length - size]
    return [(start, start + size) for start in starts]


def windows(compact: str, *, size: int = WINDOW, hop: int = HOP) -> list[str]:
    """Return the overlapping windows of a normalised text (see ``spans``)."""
    return [compact[start:end] for start, end in spans(len(compact), size=size, hop=hop)]


def logits_by_text(
    texts: Sequence[str], logits: Callable[[list[str]], NDArray[np.float64]]
) -> list[NDArray[np.float64]]:
    """Return the window logits of each normalised text; ``logits`` is asked once, for the windows of all of them."""
    parts = [windows(text) for text in texts]
    found = logits([part for text in parts for part in text])
    return np.split(found, np.cumsum([len(text) for text in parts]))[:-1]

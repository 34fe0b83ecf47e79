"""Syllables as integers for the network: 0 is padding, 1 an unknown syllable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from models.text.ngrams import MIN_DF
from models.text.windows import WINDOW

PAD, UNKNOWN, FIRST = 0, 1, 2


def syllables(texts: Sequence[str]) -> dict[str, int]:
    """Return {syllable: call frequency} of syllables in at least ``MIN_DF`` normalised texts, in a fixed order."""
    df = Counter(letter for text in texts for letter in set(text))
    return {letter: number for letter, number in sorted(df.items()) if number >= MIN_DF}


def index(vocabulary: Sequence[str]) -> dict[str, int]:
    """Return {syllable: token} for a vocabulary in its order."""
    return {letter: place for place, letter in enumerate(vocabulary, start=FIRST)}


def encode(texts: Sequence[str], tokens: Mapping[str, int]) -> NDArray[np.int32]:
    """Return normalised windows as tokens, shape (n, 300), int32, padded at the end.

    Always the same length: a window's score must not depend on its neighbours in the batch.
    """
    out = np.zeros((len(texts), WINDOW), np.int32)
    for row, text in enumerate(texts):
        values = [tokens.get(letter, UNKNOWN) for letter in text[:WINDOW]]
        out[row, : len(values)] = values
    return out

"""Character n-grams of normalised text: counting, and the vocabulary that keeps only common ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

ORDERS = (2, 3, 4)
MIN_DF = 5
"""An n-gram must stand in this many different calls: nothing that could name one person is kept."""
MIN_SOURCES = 2
"""... and in two sources, or it tells the source instead of the scam. Our own corpus may stand alone."""
LOT = 2000
"""Texts whose n-grams are found at once: some 100 MB while they are."""
BORDER = "\n"
"""Stands between texts that are counted together; no n-gram holds it."""


def ngrams(compact: str) -> list[str]:
    """Return all 2-, 3- and 4-grams of a normalised text, repeats included."""
    return [compact[i : i + n] for n in ORDERS for i in range(len(compact) - n + 1)]


class Lookup:
    """Finds the known n-grams of a text without a string for each: up to four characters packed into one integer."""

    def __init__(self, ngrams: NDArray[np.str_]) -> None:
        """Pack n-grams (k,), of type ``<U4``, in the Basic Multilingual Plane; their places are the columns."""
        keys = _pack(np.ascontiguousarray(ngrams).view(np.uint32).reshape(len(ngrams), 4).astype(np.uint64))
        self._columns = np.argsort(keys)
        self._keys = keys[self._columns]

    def count(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Return (text, column, how often) of the known n-grams of normalised texts, in ascending order."""
        letters = np.frombuffer(BORDER.join(texts).encode("utf-32-le"), "<u4").astype(np.uint64)
        row = np.cumsum(letters == ord(BORDER))
        padded = np.zeros((len(letters), 4), np.uint64)
        keys, rows = [], []
        for place in range(min(max(ORDERS), len(letters))):
            padded[: len(letters) - place, place] = letters[place:]
            if place + 1 in ORDERS:
                keys.append(_pack(padded[: len(letters) - place]))
                rows.append(row[: len(letters) - place])
        if not keys or not len(self._keys):
            return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)
        wanted, owner = np.concatenate(keys), np.concatenate(rows)
        places = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        known = self._keys[places] == wanted
        both = owner[known] * len(self._columns) + self._columns[places[known]]
        found, counts = np.unique(both, return_counts=True)
        return found // len(self._columns), found % len(self._columns), counts.astype(np.float32)

    def matrix(self, texts: Sequence[str]) -> Any:
        """Return the counts as a ``scipy.sparse.csr_matrix``, float32, shape (n texts, k)."""
        from scipy.sparse import csr_matrix, vstack

        parts = []
        for start in range(0, max(1, len(texts)), LOT):
            lot = texts[start : start + LOT]
            rows, columns, counts = self.count(lot)
            parts.append(csr_matrix((counts, (rows, columns)), (len(lot), len(self._columns))))
        return vstack(parts, format="csr")


def packed(ngrams: Iterable[str]) -> NDArray[np.str_]:
    """Return n-grams as ``Lookup`` wants them.

    Raises:
        ValueError: when one has more than four characters.
    """
    found = list(ngrams)
    if max(map(len, found), default=0) > max(ORDERS):
        raise ValueError("an n-gram has at most four characters")
    return np.array(found, "<U4")


def _pack(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return one integer per row of four 16-bit character codes; 0 stands where there is none."""
    shifted: NDArray[np.uint64] = codes << (np.arange(4, dtype=np.uint64) * np.uint64(16))
    return np.asarray(shifted.sum(axis=1, dtype=np.uint64))


def frequencies(texts: Sequence[str], sources: Sequence[str]) -> dict[str, tuple[int, frozenset[str]]]:
    """Return {n-gram: (calls it stands in, sources it stands in)} for n-grams in at least ``MIN_DF`` calls."""
    df: Counter[str] = Counter()
    for text in texts:
        df.update(set(ngrams(text)))
    common = {gram for gram, number in df.items() if number >= MIN_DF}
    where: dict[str, set[str]] = {gram: set() for gram in common}
    for text, source in zip(texts, sources, strict=True):
        for gram in set(ngrams(text)) & common:
            where[gram].add(source)
    return {gram: (df[gram], frozenset(where[gram])) for gram in common}


def weigh(counts: NDArray[np.float32], idf: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (1 + ln count) · idf, elementwise; ``idf`` is already picked for each count."""
    return ((1.0 + np.log(counts)) * idf).astype(np.float32)

"""Character n-grams of normalised text: counting, and the vocabulary that keeps only common ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

ORDERS = (2, 3, 4)
MIN_DF = 5
"""An n-gram must stand in this many different calls: nothing that could name one person is kept."""
MIN_SOURCES = 2
"""... and in two sources, or it tells the source instead of the scam. Our own corpus may stand alone."""


def ngrams(compact: str) -> list[str]:
    """Return all 2-, 3- and 4-grams of a normalised text, repeats included."""
    return [compact[i : i + n] for n in ORDERS for i in range(len(compact) - n + 1)]


def count(texts: Sequence[str], index: Mapping[str, int]) -> Any:
    """Return the counts of known n-grams as a ``scipy.sparse.csr_matrix``, float32, (n texts, n n-grams)."""
    from scipy.sparse import csr_matrix

    indptr, columns, values = [0], list[int](), list[int]()
    for text in texts:
        found = Counter(i for gram in ngrams(text) if (i := index.get(gram)) is not None)
        columns.extend(found.keys())
        values.extend(found.values())
        indptr.append(len(columns))
    shape = (len(texts), len(index))
    data = np.asarray(values, np.float32), np.asarray(columns, np.int32), np.asarray(indptr, np.int64)
    return csr_matrix(data, shape=shape)


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

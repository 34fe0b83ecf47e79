"""n-gram counts of everything, made once; each fold picks rows and columns of them. Training only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.text.data import OWN, Call
from models.text.ngrams import MIN_DF, MIN_SOURCES, Lookup, frequencies, packed, weigh
from models.text.samples import Sample, weights
from models.text.windows import windows

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Fit:
    """What one fold learns from: counts (n, k) as CSR, ``labels`` and ``weight`` (n,), the k n-grams and their idf.

    ``columns`` (k,) are the places of the n-grams in the table.
    """

    counts: Any
    labels: NDArray[np.int64]
    weight: Floats
    columns: NDArray[np.int64]
    ngrams: tuple[str, ...]
    idf: Floats


class CountTable:
    """Counts of samples, windows and calls over the n-grams of at least ``MIN_DF`` calls."""

    def __init__(self, calls: Sequence[Call], samples: Sequence[Sample]) -> None:
        self._calls, self._samples = calls, samples
        self._ngrams = sorted(frequencies([c.text for c in calls], [c.source for c in calls]))
        self._index = {gram: place for place, gram in enumerate(self._ngrams)}
        lookup = Lookup(packed(self._ngrams))
        self._counts = lookup.matrix([s.text for s in samples])
        parts = [windows(c.text) for c in calls]
        self._bounds = np.cumsum([0, *map(len, parts)])
        self._windows = lookup.matrix([part for call in parts for part in call])
        self._present = lookup.matrix([c.text for c in calls])
        self._present.data[:] = 1.0
        self._owner = np.array([s.call for s in samples])
        self._sources = np.array([c.source for c in calls])

    def fit(self, train: Sequence[int], *, most: int | None = None) -> Fit:
        """Return the counts of the calls ``train`` over the n-grams common in them.

        With ``most``, only so many are taken: those that tell the labels best (chi²).
        """
        columns, df = self._columns(train)
        rows = np.flatnonzero(np.isin(self._owner, train))
        picked = [self._samples[int(row)] for row in rows]
        labels = np.array([self._calls[s.call].label for s in picked])
        counts = self._counts[rows][:, columns]
        if most is not None:
            from sklearn.feature_selection import SelectKBest, chi2

            chosen = SelectKBest(chi2, k=min(most, len(columns))).fit(counts, labels).get_support(indices=True)
            columns, df, counts = columns[chosen], df[chosen], counts[:, chosen]
        idf = (np.log((1.0 + len(train)) / (1.0 + df)) + 1.0).astype(np.float32)
        ngrams = tuple(self._ngrams[column] for column in columns)
        return Fit(counts, labels, weights(picked, self._calls), columns, ngrams, idf)

    def df(self, train: Sequence[int], *, source: str | None = None) -> Floats:
        """Return in how many of these calls (of one source, when given) each n-gram of the table stands."""
        places = np.asarray(train, np.int64)
        kept = places if source is None else places[self._sources[places] == source]
        return np.asarray(self._present[kept].sum(axis=0)).ravel()

    def windows(self, held_out: Sequence[int], ngrams: Sequence[str]) -> tuple[Any, NDArray[np.int64]]:
        """Return the counts of all windows of these calls over ``ngrams``, and where to split them by call."""
        rows = [np.arange(self._bounds[i], self._bounds[i + 1]) for i in held_out]
        columns = [self._index[gram] for gram in ngrams]
        return self._windows[np.concatenate(rows)][:, columns], np.cumsum([len(r) for r in rows])[:-1]

    def _columns(self, train: Sequence[int]) -> tuple[NDArray[np.int64], Floats]:
        """Return the columns of n-grams common enough in these calls, and in how many of them each stands."""
        df, spread = self.df(train), np.zeros(len(self._ngrams))
        for source in np.unique(self._sources[np.asarray(train)]):
            spread += (self.df(train, source=source) > 0) * (MIN_SOURCES if source == OWN else 1)
        columns = np.flatnonzero((df >= MIN_DF) & (spread >= MIN_SOURCES))
        return columns, df[columns]


def call_frequencies(ngrams: Sequence[str], texts: Sequence[str]) -> dict[str, int]:
    """Return {n-gram: in how many of ``texts`` it stands}."""
    counts = Lookup(packed(ngrams)).matrix(texts)
    counts.data[:] = 1.0
    df = np.asarray(counts.sum(axis=0)).ravel()
    return {gram: int(number) for gram, number in zip(ngrams, df, strict=True)}


def tfidf(counts: Any, idf: Floats, floor: float) -> Any:
    """Return TF-IDF rows of length 1, CSR float32; a row shorter than ``floor`` is divided by ``floor`` instead."""
    from scipy.sparse import diags

    matrix, lengths = _weighed(counts, idf)
    return (diags(1.0 / np.maximum(lengths, floor)) @ matrix).astype(np.float32).tocsr()


def length_floor(counts: Any, idf: Floats) -> float:
    """Return the 20th percentile of row lengths: what is shorter counts as little evidence."""
    return float(np.percentile(_weighed(counts, idf)[1], 20.0)) or 1.0


def _weighed(counts: Any, idf: Floats) -> tuple[Any, NDArray[np.float64]]:
    matrix = counts.tocsr().copy()
    matrix.data = weigh(matrix.data, idf[matrix.indices])
    return matrix, np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())

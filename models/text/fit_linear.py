"""Training of the linear model. Counts are made once; each fold picks rows and columns of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.text.data import OWN, Call
from models.text.linear import Network
from models.text.ngrams import MIN_DF, MIN_SOURCES, count, frequencies, weigh
from models.text.samples import Sample, weights
from models.text.windows import windows

REGULARISATION = 8.0
FAMILIAR = 0.15
"""An n-gram that stands in m of our own calls is pulled to zero (1 + m)^0.3 times as strongly, or words that are
frequent in our corpus would tell more than they should of calls by others."""
MIN_WEIGHT = 1e-3
"""n-grams that weigh less are dropped from the artefact; they change no score that matters."""


class LinearTrainer:
    """Fits the linear model on any subset of the calls."""

    name = "linear"

    def __init__(self, calls: Sequence[Call], samples: Sequence[Sample], *, cost: float = REGULARISATION) -> None:
        self._calls, self._samples, self._cost = calls, samples, cost
        everything = frequencies([c.text for c in calls], [c.source for c in calls])
        self._grams = sorted(everything)
        self._index = {gram: place for place, gram in enumerate(self._grams)}
        self._counts = count([s.text for s in samples], self._index)
        parts = [windows(c.text) for c in calls]
        self._bounds = np.cumsum([0, *map(len, parts)])
        self._windows = count([part for call in parts for part in call], self._index)
        self._present = count([c.text for c in calls], self._index)
        self._present.data[:] = 1.0
        self._owner = np.array([s.call for s in samples])
        self._sources = np.array([c.source for c in calls])

    def fit(self, train: Sequence[int], *, seed: int = 0) -> Network:
        """Return the network learned from the calls with the indices ``train``."""
        from sklearn.linear_model import LogisticRegression

        columns, df = self._columns(np.asarray(train))
        idf = np.log((1.0 + len(train)) / (1.0 + df)).astype(np.float32) + 1.0
        rows = np.flatnonzero(np.isin(self._owner, train))
        matrix, floor = _tfidf(self._counts[rows][:, columns], idf)
        ours = [i for i in train if self._sources[i] == OWN]
        scale = column_scale(np.asarray(self._present[ours].sum(axis=0)).ravel()[columns])
        picked = [self._samples[int(row)] for row in rows]
        labels = np.array([self._calls[s.call].label for s in picked])
        model = LogisticRegression(C=self._cost, max_iter=80, tol=1e-5, random_state=seed)
        model.fit(_scaled(matrix, scale), labels, sample_weight=weights(picked, self._calls))
        coef = (model.coef_[0] * scale).astype(np.float32)
        index = {self._grams[column]: place for place, column in enumerate(columns)}
        return Network(index, idf, coef, float(model.intercept_[0]), floor)

    def call_logits(self, network: Network, held_out: Sequence[int]) -> list[NDArray[np.float64]]:
        """Return the window logits of each call of ``held_out``, as serving would give them."""
        rows = [np.arange(self._bounds[i], self._bounds[i + 1]) for i in held_out]
        columns = [self._index[gram] for gram in network.index]
        matrix = _tfidf(self._windows[np.concatenate(rows)][:, columns], network.idf, network.floor)[0]
        return np.split(matrix @ network.coef.astype(np.float64) + network.bias, np.cumsum([len(r) for r in rows])[:-1])

    def text_logits(self, network: Network, texts: Sequence[str]) -> list[NDArray[np.float64]]:
        """Return the window logits of each normalised text."""
        parts = [windows(text) for text in texts]
        logits = network.logits([part for call in parts for part in call])
        return np.split(logits, np.cumsum([len(call) for call in parts])[:-1])

    def _columns(self, train: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the columns common enough in these calls, and their call frequencies."""
        present = self._present[train]
        df = np.asarray(present.sum(axis=0)).ravel()
        spread = np.zeros(len(df))
        for source in np.unique(self._sources[train]):
            here = np.asarray(present[self._sources[train] == source].sum(axis=0)).ravel() > 0
            spread += here * (MIN_SOURCES if source == OWN else 1)
        columns = np.flatnonzero((df >= MIN_DF) & (spread >= MIN_SOURCES))
        return columns, df[columns]


def column_scale(own_df: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return what columns are multiplied by while learning, shape (k,), mean square 1; see ``FAMILIAR``.

    ``own_df`` (k,) says in how many of our own calls each n-gram stands.
    """
    scale = (1.0 + own_df) ** -FAMILIAR
    return np.asarray(scale / np.sqrt(np.mean(scale**2)), np.float32)


def call_frequencies(network: Network, texts: Sequence[str]) -> dict[str, int]:
    """Return in how many of ``texts`` each n-gram of the network stands."""
    counts = count(texts, network.index)
    counts.data[:] = 1.0
    df = np.asarray(counts.sum(axis=0)).ravel()
    return {gram: int(df[place]) for gram, place in network.index.items()}


def slim(network: Network) -> Network:
    """Return the network without n-grams whose weight is next to nothing."""
    order = sorted(network.index, key=network.index.__getitem__)
    keep = np.flatnonzero(np.abs(network.coef) >= MIN_WEIGHT)
    index = {order[column]: place for place, column in enumerate(keep)}
    return Network(index, network.idf[keep], network.coef[keep], network.bias, network.floor)


def _scaled(matrix: Any, scale: NDArray[np.float32]) -> Any:
    from scipy.sparse import diags

    return (matrix @ diags(scale)).tocsr()


def _tfidf(counts: Any, idf: NDArray[np.float32], floor: float | None = None) -> tuple[Any, float]:
    """Return the weighted rows and the length floor (when not given: 20th percentile of row lengths)."""
    from scipy.sparse import diags

    matrix = counts.tocsr().copy()
    matrix.data = weigh(matrix.data, idf[matrix.indices])
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    if floor is None:
        floor = float(np.percentile(lengths, 20.0)) or 1.0
    return (diags(1.0 / np.maximum(lengths, floor)) @ matrix).astype(np.float32).tocsr(), floor

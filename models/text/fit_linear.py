"""Training of the linear model: TF-IDF over all common n-grams → logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.text.counts import CountTable, Floats, length_floor, tfidf
from models.text.data import OWN
from models.text.linear import TYPE, Network
from models.text.ngrams import packed
from models.text.windows import logits_by_text

REGULARISATION = 8.0
FAMILIAR = 0.15
"""An n-gram that stands in m of our own calls is pulled to zero (1 + m)^0.3 times as strongly, or words that are
frequent in our corpus would tell more than they should of calls by others."""
MIN_WEIGHT = 1e-3
"""n-grams that weigh less are dropped from the artefact; they change no score that matters."""


class LinearTrainer:
    """Fits the linear model on any subset of the calls."""

    name = TYPE

    def __init__(self, table: CountTable, *, cost: float = REGULARISATION) -> None:
        self._table, self._cost = table, cost

    def fit(self, train: Sequence[int], *, seed: int = 0) -> Network:
        """Return the network learned from the calls with the indices ``train``."""
        from sklearn.linear_model import LogisticRegression

        fit = self._table.fit(train)
        floor = length_floor(fit.counts, fit.idf)
        scale = column_scale(self._table.df(train, source=OWN)[fit.columns])
        model = LogisticRegression(C=self._cost, max_iter=200, tol=1e-5, random_state=seed)
        rows = _scaled(tfidf(fit.counts, fit.idf, floor), scale)
        model.fit(rows, fit.labels, sample_weight=fit.weight)
        coef = (model.coef_[0] * scale).astype(np.float32)
        return Network(packed(fit.ngrams), fit.idf, coef, float(model.intercept_[0]), floor)

    def call_logits(self, network: Network, held_out: Sequence[int]) -> list[NDArray[np.float64]]:
        """Return the window logits of each call of ``held_out``, as serving would give them."""
        counts, ends = self._table.windows(held_out, network.ngrams.tolist())
        rows = tfidf(counts, network.idf, network.floor)
        return np.split(rows @ network.coef.astype(np.float64) + network.bias, ends)

    def text_logits(self, network: Network, texts: Sequence[str]) -> list[NDArray[np.float64]]:
        """Return the window logits of each normalised text."""
        return logits_by_text(texts, network.logits)


def column_scale(own_df: Floats) -> Floats:
    """Return what columns are multiplied by while learning, shape (k,), mean square 1; see ``FAMILIAR``.

    ``own_df`` (k,) says in how many of our own calls each n-gram stands.
    """
    scale = (1.0 + own_df) ** -FAMILIAR
    return np.asarray(scale / np.sqrt(np.mean(scale**2)), np.float32)


def slim(network: Network) -> Network:
    """Return the network without n-grams whose weight is next to nothing."""
    keep = np.abs(network.coef) >= MIN_WEIGHT
    return Network(network.ngrams[keep], network.idf[keep], network.coef[keep], network.bias, network.floor)


def _scaled(matrix: Any, scale: Floats) -> Any:
    from scipy.sparse import diags

    return (matrix @ diags(scale)).tocsr()

"""Training of naive Bayes: the n-grams that tell most (chi²) → MultinomialNB on their counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.text.counts import CountTable
from models.text.nb import OVERLAP, TYPE, Counts, Network
from models.text.windows import logits_by_text

MOST = 200_000
"""n-grams kept, by chi²; fewer cost quality, naive Bayes lives on many weak witnesses."""
SMOOTHING = 1.0


def as_network(index: Mapping[str, int], model: Any) -> Network:
    """Return a fitted ``MultinomialNB`` over the columns of ``index`` as it is served, with its counts."""
    odds = (model.feature_log_prob_[1] - model.feature_log_prob_[0]).astype(np.float32)
    prior = float(model.class_log_prior_[1] - model.class_log_prior_[0])
    return Network(index, odds, prior, Counts(model.feature_count_, model.class_count_))


class NbTrainer:
    """Fits naive Bayes on any subset of the calls."""

    name = TYPE

    def __init__(self, table: CountTable, *, most: int = MOST, smoothing: float = SMOOTHING) -> None:
        self._table, self._most, self._smoothing = table, most, smoothing

    def fit(self, train: Sequence[int], *, seed: int = 0) -> Network:  # noqa: ARG002 - nothing is drawn
        """Return the network learned from the calls with the indices ``train``."""
        from sklearn.naive_bayes import MultinomialNB

        fit = self._table.fit(train, most=self._most)
        model = MultinomialNB(alpha=self._smoothing).fit(fit.counts, fit.labels, sample_weight=fit.weight)
        return as_network({gram: place for place, gram in enumerate(fit.ngrams)}, model)

    def call_logits(self, network: Network, held_out: Sequence[int]) -> list[NDArray[np.float64]]:
        """Return the window logits of each call of ``held_out``, as serving would give them."""
        counts, ends = self._table.windows(held_out, tuple(network.index))
        return np.split((counts @ network.odds.astype(np.float64) + network.prior) / OVERLAP, ends)

    def text_logits(self, network: Network, texts: Sequence[str]) -> list[NDArray[np.float64]]:
        """Return the window logits of each normalised text."""
        return logits_by_text(texts, network.logits)

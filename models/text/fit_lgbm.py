"""Training of boosted trees over TF-IDF."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.text.counts import CountTable, length_floor, tfidf
from models.text.lgbm import TYPE, Network
from models.text.windows import logits_by_text

MOST = 20_000
"""n-grams kept, by chi²."""
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 31,
    "min_child_samples": 20,
    "max_bin": 31,
    "feature_fraction": 0.2,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


class LgbmTrainer:
    """Fits boosted trees on any subset of the calls."""

    name = TYPE

    def __init__(self, table: CountTable, *, most: int = MOST, trees: int = 300) -> None:
        self._table, self._most, self._trees = table, most, trees

    def fit(self, train: Sequence[int], *, seed: int = 0) -> Network:
        """Return the network learned from the calls with the indices ``train``."""
        import lightgbm

        fit = self._table.fit(train, most=self._most)
        floor = length_floor(fit.counts, fit.idf)
        rows = lightgbm.Dataset(tfidf(fit.counts, fit.idf, floor), fit.labels, weight=fit.weight)
        booster = lightgbm.train({**PARAMETERS, "seed": seed}, rows, num_boost_round=self._trees)
        return Network(booster, {gram: place for place, gram in enumerate(fit.ngrams)}, fit.idf, floor)

    def call_logits(self, network: Network, held_out: Sequence[int]) -> list[NDArray[np.float64]]:
        """Return the window logits of each call of ``held_out``, as serving would give them."""
        counts, ends = self._table.windows(held_out, tuple(network.index))
        return np.split(network.logits(tfidf(counts, network.idf, network.floor)), ends)

    def text_logits(self, network: Network, texts: Sequence[str]) -> list[NDArray[np.float64]]:
        """Return the window logits of each normalised text."""
        return logits_by_text(texts, lambda parts: network.logits(network.matrix(parts)))

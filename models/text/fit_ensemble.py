"""Training of the ensemble: weights from scores of calls that the members did not learn from, then all learn all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.text.calibration import Calibration
from models.text.calibration import fit as calibrate
from models.text.data import OWN, Call, fold_of_corpus
from models.text.duplicates import shingles, without_duplicates
from models.text.ensemble import TYPE, log_odds
from models.text.loso import Trainer

Logits = NDArray[np.float64]
SPLITS = 3
RIDGE = 1e-3
"""Keeps the weights finite where held-out scores part the labels without a mistake."""


@dataclass(frozen=True, slots=True)
class Network:
    """The members' networks in the trainer's order, their calibrations, and weights that sum to 1."""

    networks: tuple[Any, ...]
    calibrations: tuple[Calibration, ...]
    weights: NDArray[np.float64]

    def mean(self, by_member: Sequence[Sequence[Logits]]) -> list[Logits]:
        """Return the weighted mean of the members' log odds for each call, one value a call."""
        return [np.array([value]) for value in self.weights @ _scores(self.calibrations, by_member)]


class EnsembleTrainer:
    """Fits the members on any subset of the calls and weighs them on whole sources left out of that subset."""

    name = TYPE

    def __init__(self, calls: Sequence[Call], members: Sequence[Trainer], *, splits: int = SPLITS) -> None:
        self._calls, self._splits = calls, splits
        self.members = tuple(members)
        self._shingles = [shingles(call.text) for call in calls]
        names = [f"{OWN}_{fold_of_corpus(c.id)}" if c.source == OWN else c.source for c in calls]
        self._groups = np.unique(names, return_inverse=True)[1]

    def fit(self, train: Sequence[int], *, seed: int = 0) -> Network:
        """Return the network learned from the calls with the indices ``train``."""
        places, by_member = self._held_out(np.asarray(train), seed)
        labels = np.array([self._calls[i].label for i in places])
        weight = balanced(places, self._calls)
        calibrations = tuple(calibrate(logits, labels, weight) for logits in by_member)
        weights = choose_weights(_scores(calibrations, by_member), labels, weight)
        networks = tuple(member.fit(train, seed=seed) for member in self.members)
        return Network(networks, calibrations, weights)

    def call_logits(self, network: Network, held_out: Sequence[int]) -> list[Logits]:
        """Return one value for each call of ``held_out``: the weighted mean of its members' log odds."""
        pairs = zip(self.members, network.networks, strict=True)
        return network.mean([member.call_logits(part, held_out) for member, part in pairs])

    def text_logits(self, network: Network, texts: Sequence[str]) -> list[Logits]:
        """Return one value for each normalised text."""
        pairs = zip(self.members, network.networks, strict=True)
        return network.mean([member.text_logits(part, texts) for member, part in pairs])

    def _held_out(self, train: NDArray[np.int64], seed: int) -> tuple[list[int], list[list[Logits]]]:
        """Return calls of ``train`` and, by member, their window logits from fits without their source."""
        from sklearn.model_selection import StratifiedGroupKFold

        labels = np.array([self._calls[i].label for i in train])
        folds = StratifiedGroupKFold(self._splits, shuffle=True, random_state=seed)
        places: list[int] = []
        by_member: list[list[Logits]] = [[] for _ in self.members]
        for inside, outside in folds.split(train, labels, self._groups[train]):
            held = [int(i) for i in train[outside]]
            learn = without_duplicates([int(i) for i in train[inside]], held, self._calls, self._shingles)
            places += held
            for scores, member in zip(by_member, self.members, strict=True):
                scores.extend(member.call_logits(member.fit(learn, seed=seed), held))
        return places, by_member


def choose_weights(
    scores: NDArray[np.float64], labels: NDArray[np.int64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the weights, none negative, sum 1, whose mean of ``scores`` has the least log loss once calibrated.

    Args:
        scores: held-out log odds, shape (members, n).
        labels: 0 or 1 of each call, shape (n,).
        weight: weight of each call, shape (n,).
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    sign, share = 1.0 - 2.0 * labels, weight / weight.sum()

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        against = sign * (values[:-1] @ scores + values[-1])
        slope = share * sign * expit(against)
        value = share @ np.logaddexp(0.0, against) + RIDGE / 2 * values[:-1] @ values[:-1]
        return float(value), np.append(scores @ slope + RIDGE * values[:-1], slope.sum())

    count = len(scores)
    start = np.append(np.full(count, 1.0 / count), 0.0)
    bounds = [(0.0, None)] * count + [(None, None)]
    found = np.asarray(minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x[:-1], np.float64)
    return found / found.sum() if found.sum() > 0 else start[:-1]


def balanced(places: Sequence[int], calls: Sequence[Call]) -> NDArray[np.float64]:
    """Return a weight for each call: both labels equal, within a label every source equal; mean 1."""
    groups = [(calls[i].source, calls[i].label) for i in places]
    size = Counter(groups)
    sources = Counter(label for _, label in size)
    share = len(groups) / len(sources)
    return np.array([share / (size[group] * sources[group[1]]) for group in groups])


def _scores(calibrations: Sequence[Calibration], by_member: Sequence[Sequence[Logits]]) -> NDArray[np.float64]:
    """Return the calibrated log odds of each call by each member, shape (members, n)."""
    rows = [
        [calibration.probability(values) for values in logits]
        for calibration, logits in zip(calibrations, by_member, strict=True)
    ]
    return log_odds(np.array(rows, np.float64))

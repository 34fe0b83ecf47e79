"""Naive Bayes over character n-grams: each n-gram adds its log odds. Served with NumPy alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.types import Thresholds
from models.text.artefacts import read_calibration, read_vocabulary, write_calibration, write_vocabulary
from models.text.calibration import Calibration
from models.text.ngrams import ORDERS, ngrams
from models.text.served import ServedTextModel

TYPE = "nb"
WEIGHTS = "weights.npz"
OVERLAP = sum(ORDERS)
"""n-grams that hold one syllable. Bayes takes them for independent witnesses; dividing counts each syllable once."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted: how often each n-gram stood in windows of either label, (2, n), and their weight, (2,)."""

    ngrams: NDArray[np.float64]
    windows: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Network:
    """Log odds of each n-gram (float32, one per column of ``index``) and of the label itself.

    ``counts`` is what a model update adds to; serving does not need it.
    """

    index: Mapping[str, int]
    odds: NDArray[np.float32]
    prior: float
    counts: Counts | None = None

    def contributions(self, compact: str) -> dict[str, float]:
        """Return {n-gram: what it adds to the logit} for the known n-grams of a normalised text."""
        found = Counter(gram for gram in ngrams(compact) if gram in self.index)
        return {gram: number * float(self.odds[self.index[gram]]) / OVERLAP for gram, number in found.items()}

    def logits(self, parts: Sequence[str]) -> NDArray[np.float64]:
        """Return the score of each normalised window before calibration, shape (n,)."""
        known = ([i for gram in ngrams(part) if (i := self.index.get(gram)) is not None] for part in parts)
        odds = np.array([self.odds[columns].sum(dtype=np.float64) for columns in known], np.float64)
        return (odds + self.prior) / OVERLAP


class NbTextModel(ServedTextModel):
    """A published naive Bayes model. Holds no state, so any thread may call it."""

    def __init__(self, network: Network, calibration: Calibration, version: str, thresholds: Thresholds) -> None:
        super().__init__(calibration, version, thresholds)
        self._network = network

    def logits(self, parts: Sequence[str]) -> NDArray[np.float64]:
        """Return the logit of each window, shape (n,)."""
        return self._network.logits(parts)

    def contributions(self, parts: Sequence[str]) -> Mapping[str, float]:
        """Return the summed log odds of each n-gram."""
        total: Counter[str] = Counter()
        for part in parts:
            total.update(self._network.contributions(part))
        return total


def save(folder: Path, network: Network, df: Mapping[str, int], calibration: Calibration) -> None:
    """Write the artefact: n-grams with their call frequencies, log odds, calibration."""
    write_vocabulary(folder, sorted(network.index, key=network.index.__getitem__), df)
    kept, counted = network.counts, dict[str, NDArray[np.floating]]()
    if kept is not None:
        counted = {"counts": kept.ngrams.astype(np.float32), "windows": kept.windows}
    arrays: dict[str, NDArray[np.floating]] = {"odds": network.odds, "prior": np.array(network.prior), **counted}
    np.savez_compressed(folder / WEIGHTS, allow_pickle=False, **arrays)
    write_calibration(folder, calibration)


def load(folder: Path, version: str, thresholds: Thresholds) -> NbTextModel:
    """Read an artefact that ``save`` wrote."""
    with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
        network = Network(read_vocabulary(folder), arrays["odds"], float(arrays["prior"]))
    return NbTextModel(network, read_calibration(folder), version, thresholds)

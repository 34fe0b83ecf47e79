"""The linear model: TF-IDF over character n-grams, one weight each. Served with NumPy alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.types import Thresholds
from models.text.artefacts import read_calibration, read_vocabulary, write_calibration, write_vocabulary
from models.text.calibration import Calibration
from models.text.ngrams import Lookup, packed, weigh
from models.text.served import ServedTextModel

TYPE = "linear"
WEIGHTS = "weights.npz"


@dataclass(frozen=True, slots=True)
class Network:
    """What training found: ``idf`` and ``coef`` (float32, one per n-gram), ``bias``, and the length floor.

    ``ngrams`` (k,) are of type ``<U4``: as many Python strings would be most of the memory of a server. A text whose
    TF-IDF vector is shorter than ``floor`` is divided by ``floor``: a few syllables are little evidence.
    """

    ngrams: NDArray[np.str_]
    idf: NDArray[np.float32]
    coef: NDArray[np.float32]
    bias: float
    floor: float
    lookup: Lookup = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Pack the n-grams for quick look-up."""
        object.__setattr__(self, "lookup", Lookup(self.ngrams))

    def contributions(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Return (text, column, what it adds to the logit) of the known n-grams of normalised windows."""
        rows, columns, counts = self.lookup.count(texts)
        values = weigh(counts, self.idf[columns]).astype(np.float64)
        lengths = np.maximum(np.sqrt(np.bincount(rows, values**2, len(texts))), self.floor)
        return rows, columns, values / lengths[rows] * self.coef[columns]

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the score of each normalised window before calibration, shape (n,)."""
        rows, _, added = self.contributions(texts)
        return np.asarray(np.bincount(rows, added, len(texts)) + self.bias, np.float64)


class LinearTextModel(ServedTextModel):
    """A published linear model behind ``models.protocols.TextModel``. Holds no state, so any thread may call it."""

    def __init__(self, network: Network, calibration: Calibration, version: str, thresholds: Thresholds) -> None:
        super().__init__(calibration, version, thresholds)
        self._network = network

    def logits(self, parts: Sequence[str]) -> NDArray[np.float64]:
        """Return the score of each window before calibration, shape (n,)."""
        return self._network.logits(parts)

    def contributions(self, parts: Sequence[str]) -> Mapping[str, float]:
        """Return {n-gram: what it adds to the logits of these windows}."""
        _, columns, added = self._network.contributions(parts)
        total = np.bincount(columns, added)
        found = np.flatnonzero(total)
        return dict(zip(self._network.ngrams[found].tolist(), total[found].tolist(), strict=True))


def save(folder: Path, network: Network, df: Mapping[str, int], calibration: Calibration) -> None:
    """Write the artefact: n-grams with their call frequencies, weights, calibration. No pickle."""
    write_vocabulary(folder, network.ngrams.tolist(), df)
    scalars = np.array([network.bias, network.floor], np.float64)
    np.savez_compressed(folder / WEIGHTS, idf=network.idf, coef=network.coef, scalars=scalars)
    write_calibration(folder, calibration)


def load(folder: Path, version: str, thresholds: Thresholds) -> LinearTextModel:
    """Read an artefact that ``save`` wrote."""
    with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
        idf, coef, (bias, floor) = arrays["idf"], arrays["coef"], arrays["scalars"]
    network = Network(packed(read_vocabulary(folder)), idf, coef, float(bias), float(floor))
    return LinearTextModel(network, read_calibration(folder), version, thresholds)

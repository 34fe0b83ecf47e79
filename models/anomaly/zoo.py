"""The detectors by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from models.anomaly import aakr, ica, neighbours, vae
from models.anomaly.detector import Detector, Rows


class Fit(Protocol):
    """Learns from scaled genuine rows, shape (n, d); the same rows and seed give the same detector."""

    def __call__(self, rows: Rows, *, seed: int) -> Detector:
        """Return a fitted detector."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """How a detector is learned, and read from the folder it was saved in."""

    fit: Fit
    load: Callable[[Path], Detector]


DETECTORS: Mapping[str, Kind] = {
    "annoy": Kind(neighbours.fit, neighbours.load),
    "vae": Kind(vae.fit, vae.load),
    "ica": Kind(ica.fit, ica.load),
    "aakr": Kind(aakr.fit, aakr.load),
}

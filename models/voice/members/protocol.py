"""What every member of the ensemble is: a kind that can be trained, a fitted one that can be asked and exported."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Fitted(Protocol):
    """A trained member."""

    def logits(self, view: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the logits (n,) of one view of n windows; positive = altered."""
        ...

    def export(self, path: Path) -> None:
        """Write the ONNX file that the server runs, checked against ``logits``."""
        ...


class Looks(Protocol):
    """Anything that looks at one view."""

    @property
    def view(self) -> str:
        """The name in ``models.voice.features_views.VIEWS`` of what it looks at."""
        ...


class Kind(Looks, Protocol):
    """A way to train a member."""

    def fit(
        self, view: NDArray[np.float32], labels: NDArray[np.int64], weights: NDArray[np.float64], *, seed: int
    ) -> Fitted:
        """Train on one view of n windows, labels (n,) with 1 = altered, and weights (n,) of mean one."""
        ...

"""Distance to the nearest genuine rows, by ANNOY (approximate nearest neighbours, a forest of random cuts).

ANNOY comes as source and is compiled on installation, so it is optional: ``requirements-anomaly.txt``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from models.anomaly.detector import Rows, Scores

INDEX, SHAPE = "neighbours.ann", "neighbours.npz"
NEIGHBOURS, TREES, SEARCH = 5, 30, 3000
"""Neighbours averaged; trees built; nodes looked at for each row."""


class Neighbours:
    """Mean Euclidean distance to the nearest rows, over the root of the number of columns (as a residual would be)."""

    def __init__(self, index: Any, columns: int) -> None:
        self._index, self._columns = index, columns

    def score(self, rows: Rows) -> Scores:
        """Return the scaled mean distance of each row, shape (n,)."""
        near = [
            np.mean(self._index.get_nns_by_vector(row.tolist(), NEIGHBOURS, SEARCH, include_distances=True)[1])
            for row in rows
        ]
        return np.asarray(near / np.sqrt(self._columns), np.float64)

    def save(self, folder: Path) -> None:
        """Write the index and the number of columns, which it does not know."""
        self._index.save(str(folder / INDEX))
        np.savez(folder / SHAPE, columns=self._columns)


def fit(rows: Rows, *, seed: int) -> Neighbours:
    """Build the forest over all rows."""
    from annoy import AnnoyIndex

    index = AnnoyIndex(rows.shape[1], "euclidean")
    index.set_seed(seed + 1)  # ANNOY takes no 0
    for i, row in enumerate(rows):
        index.add_item(i, row.tolist())
    index.build(TREES, n_jobs=1)  # the forest depends on the number of threads
    return Neighbours(index, rows.shape[1])


def load(folder: Path) -> Neighbours:
    """Map what ``save`` wrote into memory."""
    from annoy import AnnoyIndex

    with np.load(folder / SHAPE, allow_pickle=False) as stored:
        columns = int(stored["columns"])
    index = AnnoyIndex(columns, "euclidean")
    index.load(str(folder / INDEX))
    return Neighbours(index, columns)

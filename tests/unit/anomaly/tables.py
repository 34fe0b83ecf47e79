"""A small world with a known shape: five columns that move with two hidden causes."""

import numpy as np

from models.anomaly.detector import Rows

UNITS = np.array([1.0, 50.0, 0.01, 7.0, 300.0])
MIXING = np.array([[1.0, 0.8, 0.0, 0.5, -0.7], [0.0, 0.6, 1.0, -0.5, 0.7]])


def genuine(n: int, *, seed: int) -> Rows:
    rng = np.random.default_rng(seed)
    causes = rng.uniform(-1.5, 1.5, (n, 2))
    return np.asarray((causes @ MIXING + 0.05 * rng.normal(size=(n, 5))) * UNITS + 10.0 * UNITS, np.float32)


def broken(n: int, *, seed: int) -> Rows:
    """Every column keeps its own range, only no longer the others' company."""
    rows = genuine(n, seed=seed)
    return np.stack([np.random.default_rng(seed + i).permutation(rows[:, i]) for i in range(5)], axis=1)

"""Grade borders from held-out scores: pure functions, no state, any array of finite scores.

``methods`` has the numbers, ``table`` the grades of every method and their CSV file. Scores and thresholds are
in whatever unit the model gives; probabilities stay within 0..1.
"""

from models.thresholds.methods import (
    NEGATIVE_METHODS,
    Scores,
    equal_error,
    max_f1,
    maximum,
    mean_6_std,
    minimum,
    moving_average_residual,
    percentile_95,
    target_fpr,
)
from models.thresholds.table import Table, all_methods, rates, single_values, write_csv

__all__ = [
    "NEGATIVE_METHODS",
    "Scores",
    "Table",
    "all_methods",
    "equal_error",
    "max_f1",
    "maximum",
    "mean_6_std",
    "minimum",
    "moving_average_residual",
    "percentile_95",
    "rates",
    "single_values",
    "target_fpr",
    "write_csv",
]

"""From a table of vectors to published versions: split, fit on genuine rows, residuals of the others, thresholds."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from models.anomaly.detector import Rows, Scores
from models.anomaly.one_class import OneClass
from models.anomaly.split import Indices, split
from models.anomaly.table import Table
from models.anomaly.windows import stack
from models.anomaly.zoo import DETECTORS
from models.registry import DEFAULT_LINE, ModelVersion, publish
from models.thresholds import all_methods, equal_error, rates

KIND = "anomaly"
RESIDUALS = "residuals.csv"
METHOD = "percentile_95"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to learn. ``window`` rows make a vector; ``train_days`` None: four fifths of the days."""

    detectors: Sequence[str] = tuple(DETECTORS)
    window: int = 1
    train_days: int | None = None
    seed: int = 0
    method: str = METHOD


@dataclass(frozen=True, slots=True)
class Parts:
    """Vectors to learn from, and those held out: genuine ones in the order of time, anomalous ones (maybe none).

    ``tested`` are the row numbers of the held-out genuine vectors in the table.
    """

    train: Rows
    genuine: Rows
    anomalous: Rows
    tested: Sequence[int] = field(repr=False)


def train(
    table: Table,
    store: Path,
    recipe: Recipe,
    *,
    line: str = DEFAULT_LINE,
    bar: Callable[[Iterable[str]], Iterable[str]] = iter,
) -> tuple[ModelVersion, ...]:
    """Publish one version a detector; none of them is made active.

    Raises:
        ValueError: when the rows are too few, or one side of the split is empty.
    """
    parts = take_apart(table, recipe)
    return tuple(_publish(name, parts, table, recipe, store=store, line=line) for name in bar(recipe.detectors))


def take_apart(table: Table, recipe: Recipe) -> Parts:
    """Split a table by its genuine rows. Known anomalies are never learned, wherever they stand in time."""
    bad = np.zeros(len(table.values), bool) if table.anomalous is None else table.anomalous
    numbers = np.flatnonzero(~bad)
    parts = split(
        len(numbers),
        dates=None if table.dates is None else table.dates[numbers],
        groups=None if table.groups is None else [table.groups[i] for i in numbers],
        train_days=recipe.train_days,
    )
    learned, held = numbers[parts.train], numbers[parts.test]
    everything = _windows(table, np.arange(len(bad)), recipe.window)  # an anomaly keeps the rows it came after
    return Parts(
        train=_windows(table, learned, recipe.window),
        genuine=_windows(table, held, recipe.window),
        anomalous=everything[bad],
        tested=held.tolist(),
    )


def _windows(table: Table, rows: Indices, length: int) -> Rows:
    groups = None if table.groups is None else [table.groups[i] for i in rows]
    return stack(table.values[rows], length, groups=groups)


def _publish(name: str, parts: Parts, table: Table, recipe: Recipe, *, store: Path, line: str) -> ModelVersion:
    model = OneClass.fit(name, parts.train, seed=recipe.seed)
    genuine = model.score(parts.genuine)
    anomalous = model.score(parts.anomalous) if len(parts.anomalous) else None
    thresholds = all_methods(genuine, anomalous, limits=None)
    manifest = {
        "type": name,
        "thresholds": thresholds,
        "threshold_method": recipe.method,
        "metrics": {**_metrics(genuine, anomalous), "rates": rates(thresholds, genuine, anomalous)},
        "data": {
            "columns": list(table.columns),
            "rows": len(table.values),
            "dropped": table.dropped,
            "train_rows": len(parts.train),
            "split": "days" if table.dates is not None else "groups" if table.groups is not None else "order",
        },
        "window": recipe.window,
        "seed": recipe.seed,
    }

    def write(folder: Path) -> None:
        model.save(folder)
        _write_residuals(folder / RESIDUALS, parts.tested, genuine)

    return publish(store, KIND, write, manifest=manifest, line=line)


def _metrics(genuine: Scores, anomalous: Scores | None) -> Mapping[str, float]:
    found = {"test_rows": len(genuine), "residual_mean": float(genuine.mean()), "residual_std": float(genuine.std())}
    if anomalous is None:
        return found
    return {**found, "anomalous_rows": len(anomalous), "eer": equal_error(genuine, anomalous)[1]}


def _write_residuals(path: Path, rows: Sequence[int], residuals: Scores) -> None:
    """Write the residuals of the held-out genuine rows in the order of time; ``row`` counts from 0 in that order."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "residual"])
        writer.writerows(zip(rows, residuals.tolist(), strict=True))

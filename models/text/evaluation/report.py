"""Results as files: Markdown in full, Markdown for the documentation, CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from models.text.evaluation import tables
from models.text.evaluation.result import Result


def full(results: Sequence[Result]) -> str:
    """Return all tables of all models as Markdown."""
    return "\n\n".join([*_head(results), *(part for one in results for part in _details(one))]) + "\n"


def compact(results: Sequence[Result], made_by: str) -> str:
    """Return the models side by side and the details of the best; ``made_by`` is the command behind them."""
    best = max(results, key=lambda one: one.quality)
    return "\n\n".join([f"Made by `{made_by}`.", *_head(results), *_details(best)])


def write_csv(results: Sequence[Result], path: Path) -> None:
    """Write every figure: model, table, source, figure, value and bounds of the 95 % interval, one a line."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["model", "table", "source", "figure", "value", "low", "high"])
        for one in results:
            for name, rows in (("source", one.sources), ("early", one.early), ("time", one.times)):
                for source, row in rows.items():
                    for figure, got in row.items():
                        writer.writerow([one.name, name, source, figure, got.value, got.low, got.high])
            whole = {**one.decided, "quality": one.quality, "mb": one.megabytes, "ms": one.milliseconds}
            writer.writerows([one.name, "model", "", figure, value, "", ""] for figure, value in whole.items())


def _head(results: Sequence[Result]) -> list[str]:
    parts = [tables.comparison(results), tables.required(results)]
    return parts if len(results) == 1 else [*parts, tables.side_by_side(results)]


def _details(one: Result) -> list[str]:
    return [
        f"### `{one.name}`, by source",
        tables.sources(one),
        f"### `{one.name}`, recognition noise",
        tables.noise(one),
        f"### `{one.name}`, beginnings of calls (recall / false alarms)",
        tables.beginnings(one),
    ]

"""A table of vectors from rows of any kind: CSV and Parquet files here, a database query where there is one."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.anomaly.detector import Rows

Row = Mapping[str, Any]
_LARGEST = float(np.finfo(np.float32).max)


class BadTable(ValueError):
    """Raised when rows cannot be used; the message names row and column, never a value."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows in the order of time, when they carry dates.

    ``values`` (n, d) float32; ``dates`` (n) UTC, ``groups`` (n) and ``anomalous`` (n) bool, where there are such
    columns. ``dropped`` rows had an empty value, or one beyond float32.
    """

    columns: tuple[str, ...]
    values: Rows
    dates: NDArray[np.datetime64] | None
    groups: tuple[str, ...] | None
    anomalous: NDArray[np.bool_] | None
    dropped: int


def read_file(path: Path) -> Iterator[Row]:
    """Yield the rows of a CSV file (UTF-8, with a header) or, by its suffix, a Parquet file (needs pyarrow)."""
    if path.suffix.lower() in {".parquet", ".pq"}:
        from pyarrow import parquet

        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches():
                yield from batch.to_pylist()
    else:
        with path.open(encoding="utf-8-sig", newline="") as text:
            yield from csv.DictReader(text)


def as_table(
    rows: Iterable[Row],
    *,
    columns: Sequence[str] = (),
    date_column: str | None = None,
    group_column: str | None = None,
    label_column: str | None = None,
) -> Table:
    """Return the table; without ``columns`` every column that is not named otherwise is a number.

    Raises:
        BadTable: when a column is missing, a value is no number, date or label (0 genuine, 1 anomalous), or no row is
            left.
    """
    named: tuple[str, ...] = tuple(columns)
    values, dates, groups, labels, dropped = [], [], [], [], 0
    for number, row in enumerate(rows, start=1):
        named = named or tuple(name for name in row if name not in {date_column, group_column, label_column})
        vector = [_number(row, name, number) for name in named]
        if not np.isfinite(vector).all():
            dropped += 1
            continue
        values.append(vector)
        dates.append(_date(row, date_column, number) if date_column else None)
        groups.append(str(_get(row, group_column, number)) if group_column else "")
        labels.append(_label(row, label_column, number) if label_column else False)
    if not values or not named:
        raise BadTable("there is no row whose columns are all numbers")
    order = np.argsort(np.array(dates, "datetime64[s]"), kind="stable") if date_column else np.arange(len(values))
    return Table(
        named,
        np.asarray(values, np.float32)[order],
        np.array(dates, "datetime64[s]")[order] if date_column else None,
        tuple(groups[i] for i in order) if group_column else None,
        np.array(labels, bool)[order] if label_column else None,
        dropped,
    )


def _get(row: Row, name: str, number: int) -> Any:
    if name not in row:
        raise BadTable(f"row {number} has no column {name!r}")
    return row[name]


def _number(row: Row, name: str, number: int) -> float:
    raw = _get(row, name, number)
    try:
        value = float("nan") if raw is None or raw == "" else float(raw)
    except (TypeError, ValueError):
        raise BadTable(f"row {number}, column {name!r}: not a number") from None
    return value if abs(value) <= _LARGEST else float("nan")


def _date(row: Row, name: str, number: int) -> datetime:
    try:
        found = datetime.fromisoformat(str(_get(row, name, number)).strip())
    except ValueError:
        raise BadTable(f"row {number}, column {name!r}: not a date such as 2026-01-31 or 2026-01-31T10:00:00") from None
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def _label(row: Row, name: str, number: int) -> bool:
    raw = str(_get(row, name, number)).strip()
    if raw not in {"0", "1", "0.0", "1.0", "False", "True"}:
        raise BadTable(f"row {number}, column {name!r}: the label must be 0 (genuine) or 1 (anomalous)")
    return raw in {"1", "1.0", "True"}

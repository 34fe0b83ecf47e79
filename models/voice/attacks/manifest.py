"""``manifest.csv``: one row for every clip, appended as clips are finished."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO, Any

NAME = "manifest.csv"


@dataclass(frozen=True, slots=True)
class Row:
    """One clip. ``split`` keeps a speaker's clips together, altered or not; ``parameters`` is JSON.

    ``label`` 1 = altered or synthetic; ``family`` of a chain has both names, joined by ``+``.
    """

    path: str
    label: int
    source: str
    speaker: str
    attack: str
    family: str
    tool: str
    parameters: str
    seconds: float
    language: str
    split: str


def load(folder: Path) -> list[Row]:
    """Return the finished rows under ``folder``; a row torn by a kill is left out."""
    path = folder / NAME
    if not path.is_file():
        return []
    lines = path.read_text("utf-8").splitlines(keepends=True)
    rows = []
    for raw in csv.DictReader(line for line in lines if line.endswith("\n")):
        if None in raw.values() or None in raw:
            continue
        values: dict[str, Any] = dict(raw)
        rows.append(Row(**values | {"label": int(raw["label"]), "seconds": float(raw["seconds"])}))
    return rows


@contextmanager
def appending(folder: Path, done: list[Row]) -> Iterator[IO[str]]:
    """Write the rows of ``done`` anew, then give the file to append to."""
    path = folder / NAME
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, [field.name for field in fields(Row)]).writeheader()
        for row in done:
            append(file, row)
    part.replace(path)
    with path.open("a", encoding="utf-8", newline="") as file:
        yield file


def append(file: IO[str], row: Row) -> None:
    """Append one finished row and hand it to the system at once."""
    csv.DictWriter(file, [field.name for field in fields(Row)]).writerow(asdict(row))
    file.flush()


def parameters(drawn: Any) -> str:
    """Return what an attack drew as JSON."""
    return json.dumps(dict(drawn), ensure_ascii=False, sort_keys=True)

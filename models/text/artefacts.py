"""Files that several types write: the vocabulary with its call frequencies, and the calibration. JSON, no pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from models.text.calibration import Calibration

VOCABULARY, CALIBRATION = "vocabulary.json", "calibration.json"


def write_vocabulary(folder: Path, ngrams: Sequence[str], df: Mapping[str, int]) -> None:
    """Write n-grams in their order with the number of calls each stands in."""
    vocabulary = {"ngrams": list(ngrams), "df": [df[gram] for gram in ngrams]}
    (folder / VOCABULARY).write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")


def read_vocabulary(folder: Path) -> dict[str, int]:
    """Return {n-gram: column}."""
    vocabulary = json.loads((folder / VOCABULARY).read_text("utf-8"))
    return {gram: place for place, gram in enumerate(vocabulary["ngrams"])}


def read_frequencies(folder: Path) -> dict[str, int]:
    """Return {n-gram: number of calls it stands in}, in the order of the columns."""
    vocabulary = json.loads((folder / VOCABULARY).read_text("utf-8"))
    return dict(zip(vocabulary["ngrams"], vocabulary["df"], strict=True))


def write_calibration(folder: Path, calibration: Calibration) -> None:
    """Write the three numbers."""
    (folder / CALIBRATION).write_text(json.dumps(calibration.as_dict()) + "\n", "utf-8")


def read_calibration(folder: Path) -> Calibration:
    """Read what ``write_calibration`` wrote."""
    return Calibration.from_dict(json.loads((folder / CALIBRATION).read_text("utf-8")))

"""Score transcripts as the service does: JSON lines {"id","text"} on stdin, verdict lines on stdout.

A verdict is {"id","score","grade","risk_ratio","scam_type"}; what cannot be judged has nulls and a "reason".
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from core.errors import ModelRefused
from core.settings import Settings
from core.types import Segment
from models.protocols import ScamTypes, TextModel
from models.registry import open_version
from models.text.borders import load_borders
from models.text.loading import load_text_model
from models.text.scam_types import KIND, load_scam_types
from pipeline.text import score_text as judge


class BadLine(ValueError):
    """Raised when a line of the input is not a JSON object with a string ``text`` and an ``id``."""


def main(argv: Sequence[str] | None = None) -> int:
    """Score every line; 2 when a line is bad, 1 when there is no usable model."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.score_text", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--store", type=Path, default=Settings.from_env().model_store, help="model registry")
    parser.add_argument("--version", help="model version (default: the active one)")
    args = parser.parse_args(argv)
    try:
        model = load_text_model(open_version(args.store, "text", args.version))
        types = load_scam_types(open_version(args.store, KIND)) if (args.store / KIND / "active").is_file() else None
    except ModelRefused as error:
        print(f"score_text: {error.message}", file=sys.stderr)
        return 1
    try:
        for row in read(sys.stdin):
            print(json.dumps(answer(model, types, row), ensure_ascii=False), flush=True)
    except BadLine as error:
        print(f"score_text: {error}", file=sys.stderr)
        return 2
    return 0


def read(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    """Yield the objects of JSON lines; blank lines are skipped.

    Raises:
        BadLine: with the line's number, never its text.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise BadLine(f"line {number} is not JSON: {error.msg} at column {error.colno}") from error
        if not isinstance(row, dict) or "id" not in row or not isinstance(row.get("text"), str):
            raise BadLine(f'line {number} must be an object with "id" and a string "text"')
        yield row


def answer(model: TextModel, types: ScamTypes | None, row: dict[str, Any]) -> dict[str, Any]:
    """Return the output object of one input object; without ``types`` no scam type is named."""
    result = judge([Segment(0.0, 0.0, row["text"])], model, types=types, borders=load_borders())
    verdict = {
        "id": row["id"],
        "score": None if result.score is None else round(result.score, 6),
        "grade": result.grade,
        "risk_ratio": result.risk_ratio,
        "scam_type": result.scam_type,
    }
    return verdict if result.reason is None else {**verdict, "reason": result.reason}


if __name__ == "__main__":
    raise SystemExit(main())

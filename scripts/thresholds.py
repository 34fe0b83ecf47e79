"""Thresholds of every method from held-out scores: a CSV file with a column "score", and "label" if there is one.

Labels are 0 (genuine) and 1 (scam, altered); without the column every score counts as genuine, and the methods that
need both classes are left out. Writes thresholds.csv, which a spreadsheet program opens, and prints the same table.
Exit code 0: done; 2: bad arguments, or a file that cannot be used.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from models.thresholds import Table, all_methods, rates, write_csv
from models.thresholds.table import CAUTION_FPR, DANGER_FPR


class BadScores(ValueError):
    """Raised when the input is not a table of scores; the message names the line."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.thresholds", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scores", type=Path, help="CSV file, UTF-8")
    parser.add_argument("--out", type=Path, default=Path("thresholds.csv"), help="file to write")
    parser.add_argument("--caution-fpr", type=_share, default=CAUTION_FPR, help="for target_fpr (default: %(default)s)")
    parser.add_argument("--danger-fpr", type=_share, default=DANGER_FPR, help="of grade 2 (default: %(default)s)")
    args = parser.parse_args(argv)
    try:
        with args.scores.open(encoding="utf-8-sig", newline="") as file:
            negative, positive = read(csv.DictReader(file))
        table = make_table(negative, positive, caution_fpr=args.caution_fpr, danger_fpr=args.danger_fpr)
        write_csv(args.out, table)
    except (OSError, UnicodeDecodeError, ValueError, csv.Error) as error:
        print(f"thresholds: {error}", file=sys.stderr)
        return 2
    print(as_text(table))
    print(f"\n{len(negative)} genuine, {len(positive)} other calls; written to {args.out}")
    return 0


def read(rows: Iterable[dict[str, str]]) -> tuple[list[float], list[float]]:
    """Return the scores of label 0 (or of every row without a label) and of label 1.

    Raises:
        BadScores: naming the line that is no number, or has another label.
    """
    classes: dict[str, list[float]] = {"0": [], "1": []}
    for number, row in enumerate(rows, start=2):
        try:
            classes[(row.get("label", "0") or "").strip()].append(float(row["score"]))
        except (KeyError, TypeError, ValueError) as error:
            raise BadScores(f'line {number} has no number in "score", or a label other than 0 and 1') from error
    if not classes["0"]:
        raise BadScores("there is no genuine score")
    return classes["0"], classes["1"]


def make_table(negative: Sequence[float], positive: Sequence[float], *, caution_fpr: float, danger_fpr: float) -> Table:
    """Return the borders of every method and what they would have done; only probabilities are clipped to 0..1."""
    scores = (*negative, *positive)
    limits = (0.0, 1.0) if 0.0 <= min(scores) <= max(scores) <= 1.0 else None
    scam = positive or None
    table = all_methods(negative, scam, caution_fpr=caution_fpr, danger_fpr=danger_fpr, limits=limits)
    return rates(table, negative, scam)


def as_text(table: Table) -> str:
    """Return the table for a terminal."""
    columns = list(next(iter(table.values())))
    lines = ["".join([f"{'method':16}", *(f"{name:>16}" for name in columns)])]
    lines += ["".join([f"{method:16}", *(f"{row[name]:16.4f}" for name in columns)]) for method, row in table.items()]
    return "\n".join(lines)


def _share(raw: str) -> float:
    if not 0.0 <= float(raw) <= 1.0:
        raise argparse.ArgumentTypeError("must lie between 0 and 1")
    return float(raw)


if __name__ == "__main__":
    raise SystemExit(main())

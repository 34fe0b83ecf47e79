"""Train one-class detectors on any table of vectors: python -m scripts.train_anomaly TABLE.

TABLE is a CSV file (UTF-8, with a header) or a Parquet file; or --query SELECT names what to read from a database.
Every detector becomes a version of kind "anomaly" with thresholds by all methods from the residuals of held-out rows.
Exit code 0: published; 2: bad arguments, or rows that cannot be used.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core.settings import ROOT, Settings
from models.anomaly.table import BadTable, Row, as_table, read_file
from models.anomaly.zoo import DETECTORS
from models.registry import DEFAULT_LINE, ModelVersion, activate

WINDOW_OF_DATED_ROWS = 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.train_anomaly",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("table", type=Path, nargs="?", help="CSV or Parquet file")
    parser.add_argument("--query", help="SELECT to read instead of a file; nothing it does is kept")
    parser.add_argument("--database-url", help="for --query (default: MOKSORI_DATABASE_URL)")
    parser.add_argument(
        "--columns", nargs="+", default=[], metavar="NAME", help="numbers to learn (default: all others)"
    )
    parser.add_argument("--date-column", help="sorts the rows; the first days are learned")
    parser.add_argument("--train-days", type=_positive, help="days learned (default: four fifths of them)")
    parser.add_argument("--group-column", help="rows of a group stay together; windows never cross groups")
    parser.add_argument("--label-column", help="1: known anomaly, never learned, gives the EER; 0: genuine")
    parser.add_argument("--detectors", nargs="+", choices=sorted(DETECTORS), default=list(DETECTORS))
    parser.add_argument("--window", type=_positive, help="rows in a vector (default: 3 with dates, else 1)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--store", type=Path, default=ROOT / "models" / "store", help="model registry")
    parser.add_argument("--line", default=DEFAULT_LINE, help="line of versions, one for each kind of table")
    parser.add_argument("--activate", choices=sorted(DETECTORS), help="make the version of this detector active")
    args = parser.parse_args(argv)
    if (args.table is None) == (args.query is None):
        parser.error("give a TABLE or --query, one of them")
    if args.activate and args.activate not in args.detectors:
        parser.error("--activate names a detector that is not trained")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

    from tqdm import tqdm

    from models.anomaly.train import KIND, Recipe, train

    try:
        rows = read_file(args.table) if args.table else _query(args.database_url, args.query)
        table = as_table(
            tqdm(rows, desc="rows", unit=" rows"),
            columns=args.columns,
            date_column=args.date_column,
            group_column=args.group_column,
            label_column=args.label_column,
        )
        window = args.window or (WINDOW_OF_DATED_ROWS if args.date_column else 1)
        recipe = Recipe(args.detectors, window, args.train_days, args.seed)
        done = train(table, args.store, recipe, line=args.line, bar=lambda names: tqdm(names, desc="detectors"))
    except BadTable as error:
        parser.exit(2, f"{error}\n")
    except ImportError as error:
        parser.exit(2, f"{error}: pip install -r requirements-anomaly.txt, or choose other --detectors\n")
    except (OSError, ValueError) as error:
        parser.exit(2, f"cannot train on these rows: {error}\n")
    print(as_text(done))
    for version in done:
        if version.manifest["type"] == args.activate:
            activate(args.store, KIND, version.name, line=args.line, by="train_anomaly")
    return 0


def as_text(versions: Sequence[ModelVersion]) -> str:
    """Return residuals and the borders of every method, a Markdown line a detector."""
    methods = list(versions[0].manifest["thresholds"])
    head = ["detector", "rows learned", "held out", "mean", "std", "EER", *methods, "version"]
    lines = [head, ["---"] * len(head)]
    for version in versions:
        said, borders = version.manifest["metrics"], version.manifest["thresholds"]
        figures = [said["residual_mean"], said["residual_std"], said.get("eer", float("nan"))]
        lines.append(
            [
                version.manifest["type"],
                str(version.manifest["data"]["train_rows"]),
                str(said["test_rows"]),
                *(f"{figure:.4f}" for figure in figures),
                *(f"{borders[method]['caution']:.4f}" for method in methods),
                version.name,
            ]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _query(url: str | None, select: str) -> Iterator[Row]:
    """Yield the rows of a SELECT; the transaction is rolled back.

    Raises:
        BadTable: when the database does not answer it; its message may hold values and is left out.
    """
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import SQLAlchemyError

    if select.split(maxsplit=1)[:1] not in (["SELECT"], ["select"], ["WITH"], ["with"]):
        raise BadTable("--query must begin with SELECT or WITH")
    try:
        engine = create_engine(url or Settings.from_env().database_url)
        with engine.connect().execution_options(stream_results=True) as connection:
            found: Any = connection.execute(text(select)).mappings()
            yield from (dict(row) for row in found)
        engine.dispose()
    except SQLAlchemyError as error:
        raise BadTable(f"the database refused the query: {type(error).__name__}") from None


def _positive(raw: str) -> int:
    if int(raw) < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return int(raw)


if __name__ == "__main__":
    raise SystemExit(main())

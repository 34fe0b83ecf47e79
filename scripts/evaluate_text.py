"""Judge text models on sources they never saw: python -m scripts.evaluate_text --data DIR --out DIR.

Every source is held out in turn; calibration and thresholds come from the others. Written to --out: report.md,
figures.csv, plots as PNG, and a cache of held-out scores, so that reporting again takes seconds.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.settings import ROOT

if TYPE_CHECKING:
    from models.text.evaluation.heldout import HeldOut
    from models.text.evaluation.result import Result
    from models.text.evaluation.run import Run

DOCUMENT = ROOT / "docs" / "models" / "text_evaluation.md"


def main(argv: Sequence[str] | None = None) -> int:
    """Evaluate, print the comparison and write the files; 2 when there is no data."""
    from models.text.zoo import KINDS

    parser = argparse.ArgumentParser(
        prog="python -m scripts.evaluate_text",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder that holds text/")
    parser.add_argument("--models", nargs="+", choices=sorted(KINDS), default=["linear"], help="types to judge")
    parser.add_argument("--out", type=Path, required=True, help="folder for report, figures, plots and cache")
    parser.add_argument("--open-only", action="store_true", help="learn from our corpus and openly licensed data alone")
    parser.add_argument("--quick", action="store_true", help="every eighth call of a source, to see that all works")
    parser.add_argument(
        "--document", type=Path, help=f"also write into this document, e.g. {DOCUMENT.relative_to(ROOT)}"
    )
    parser.add_argument("--checkpoint", type=Path, help="pretrained network that kobert starts from")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    if not (args.data / "text").is_dir():
        parser.exit(2, f"no data to judge on: {args.data / 'text'} is not a folder (see --data)\n")

    from models import documents
    from models.text.evaluation import plots, report, tables
    from models.text.evaluation.run import Run, material

    given = material(args.data, quick=args.quick, open_only=args.open_only, checkpoint=args.checkpoint, seed=args.seed)
    suffix = "-open" if args.open_only else ""
    results = []
    for kind in args.models:
        run = Run(kind, given, args.out / "cache")
        what = run.held_out(_bar(run.name))
        plots.draw(what, f"{kind}{suffix}", args.out)
        results.append(_result(run, what, seed=args.seed))
    (args.out / f"report{suffix}.md").write_text(report.full(results), "utf-8")
    report.write_csv(results, args.out / f"figures{suffix}.csv")
    if args.document:
        made_by = shlex.join(["python", "-m", "scripts.evaluate_text", *(sys.argv[1:] if argv is None else argv)])
        block = report.compact(results, made_by)
        documents.write(args.document, block, name="open" if args.open_only else "all")
    print(f"{tables.comparison(results)}\n\n{tables.required(results)}")
    return 0


def _result(run: Run, what: HeldOut, *, seed: int) -> Result:
    """Work out the figures; speed is that of the whole text stage: score, all sentences, evidence."""
    from models.measuring import median_ms, megabytes
    from models.text.evaluation import speed
    from models.text.evaluation.result import result
    from pipeline.text import score_text

    (model, folder), call = run.served(what), speed.ten_minutes()
    taken_ms = median_ms(lambda: score_text(call, model))
    return result(what, run.name, megabytes=megabytes(folder), milliseconds=taken_ms, seed=seed)


def _bar(name: str) -> Callable[[Sequence[Any]], Iterable[Any]]:
    from tqdm import tqdm

    return lambda folds: tqdm(folds, desc=f"{name}: leave one source out", unit="fold")


if __name__ == "__main__":
    raise SystemExit(main())

"""Every kind of voice member and every one-class detector in one table: python -m scripts.compare_voice --attacks DIR.

All learn from the same clips and judge speakers they never heard, once with all families of attacks and once without a
third of them; detectors learn genuine windows alone. Prints Markdown; --document writes it between marks, too.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path

from core.settings import ROOT

DOCUMENT = ROOT / "docs" / "models" / "voice_zoo.md"
MARK = "members"


def main(argv: Sequence[str] | None = None) -> int:
    """Compare, print the tables and write them; 2 when clips or a library are missing."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from models.voice.evaluation.contenders import CONTENDERS

    parser = argparse.ArgumentParser(
        prog="python -m scripts.compare_voice",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--attacks", type=Path, required=True, help="folder that scripts.make_attacks filled")
    parser.add_argument("--work", type=Path, help="folder for features (default: features beside the clips)")
    parser.add_argument("--members", nargs="+", choices=sorted(CONTENDERS), default=list(CONTENDERS))
    parser.add_argument("--document", type=Path, help=f"write into this document, e.g. {DOCUMENT.relative_to(ROOT)}")
    parser.add_argument("--keep", type=Path, help="folder for finished members: a stopped run goes on, with this code")
    parser.add_argument("--limit", type=int, help="use the first so many versions of clips, to see that all works")
    parser.add_argument("--variants", type=int, default=2, help="lines that every clip is carried over")
    parser.add_argument("--clip-s", type=float, default=6.4, help="how much of a clip is used, in seconds")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that make features")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args(argv)
    if "annoy" in args.members and importlib.util.find_spec("annoy") is None:
        parser.exit(2, "annoy is missing: pip install -r requirements-anomaly.txt, or choose other --members\n")

    from tqdm import tqdm

    from models import documents
    from models.voice import building, dataset
    from models.voice.evaluation import kept
    from models.voice.evaluation.compare import divide, trial
    from models.voice.evaluation.compared import tables

    clips = building.clips(args.attacks, variants=args.variants)[: args.limit]
    bank = args.work or args.attacks / "features"
    building.fill(clips, args.attacks, bank, clip_s=args.clip_s, seed=args.seed, workers=args.workers, bar=tqdm)
    try:
        divided = divide(dataset.read(clips, bank))
    except ValueError as error:
        parser.exit(2, f"nothing to compare by in {args.attacks} (see scripts.make_attacks): {error}\n")
    trials = []
    for name in tqdm(args.members, desc="members", unit="member"):
        path = kept.path_of(args.keep, name, divided, seed=args.seed) if args.keep else None
        if path and path.exists():
            trials.append(kept.load(path, divided))
            continue
        trials.append(trial(name, CONTENDERS[name], divided, seed=args.seed))
        if path:
            kept.save(path, trials[-1])
    told = tables(divided, trials)
    print(told)
    if args.document:
        documents.write(args.document, told, name=MARK)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

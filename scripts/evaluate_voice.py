"""Judge voice members on voices they never heard: python -m scripts.evaluate_voice --attacks DIR --out DIR.

By speaker, by source of genuine speech, by family of attacks; per attack, codec and length. Written to --out: report.md
and plots as PNG.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from core.settings import ROOT


def main(argv: Sequence[str] | None = None) -> int:
    """Evaluate, print the summary and write the files; 2 when there are no clips."""
    from models.voice.members.table import KINDS

    parser = argparse.ArgumentParser(
        prog="python -m scripts.evaluate_voice",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--attacks", type=Path, required=True, help="folder that scripts.make_attacks filled")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder that holds voice/")
    parser.add_argument("--out", type=Path, required=True, help="folder for report and plots")
    parser.add_argument("--work", type=Path, help="folder for features (default: features beside the clips)")
    parser.add_argument("--members", nargs="+", choices=sorted(KINDS), default=["trees"])
    parser.add_argument("--variants", type=int, default=2, help="lines that every clip is carried over")
    parser.add_argument("--clip-s", type=float, default=6.4, help="how much of a clip is used, in seconds")
    parser.add_argument("--korean-every", type=int, default=1, help="judge one Korean piece in so many; 0: none")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that make features")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args(argv)

    from tqdm import tqdm

    from models.voice import building
    from models.voice.dataset import read
    from models.voice.evaluation import plots, report
    from models.voice.evaluation.run import evaluate

    clips = building.clips(args.attacks, variants=args.variants)
    if not clips:
        parser.exit(2, f"nothing to judge: no manifest with clips in {args.attacks} (see scripts.make_attacks)\n")
    bank = args.work or args.attacks / "features"
    building.fill(clips, args.attacks, bank, clip_s=args.clip_s, seed=args.seed, workers=args.workers, bar=tqdm)
    heard = read(clips, bank)
    korean = (args.data / "voice" / "genuine_ko").is_dir() and args.korean_every
    pieces = building.korean(args.data / "voice", bar=tqdm, every=args.korean_every) if korean else []
    kinds = {name: KINDS[name] for name in args.members}
    judged = evaluate(heard, pieces, kinds, seed=args.seed, bar=tqdm)
    report.write(judged, args.out)
    plots.draw(judged, args.out)
    print(report.summary(judged))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

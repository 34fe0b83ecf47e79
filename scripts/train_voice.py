"""Train the voice model from the clips of scripts.make_attacks: python -m scripts.train_voice --attacks DIR.

Features are made once and kept under --work; a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path

from core.settings import ROOT

CLIP_S = 6.4  # two windows of a clip; more of the same voice teaches less than another voice


def main(argv: Sequence[str] | None = None) -> int:
    """Make features, train, print the held-out figures and publish; 2 when there is nothing to train on."""
    from models.voice.members.table import KINDS

    parser = argparse.ArgumentParser(
        prog="python -m scripts.train_voice",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--attacks", type=Path, required=True, help="folder that scripts.make_attacks filled")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder that holds voice/")
    parser.add_argument("--work", type=Path, help="folder for features (default: features beside the clips)")
    parser.add_argument("--store", type=Path, default=ROOT / "models" / "store", help="model registry")
    parser.add_argument("--members", nargs="+", choices=sorted(KINDS), default=["trees"])
    parser.add_argument("--variants", type=int, default=2, help="lines that every clip is carried over")
    parser.add_argument("--clip-s", type=float, default=CLIP_S, help="how much of a clip is used, in seconds")
    parser.add_argument("--korean-every", type=int, default=1, help="judge one Korean piece in so many; 0: none")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that make features")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--report", type=Path, help="folder for the report and plots of scripts.evaluate_voice")
    parser.add_argument("--activate", action="store_true", help="serve it at once")
    args = parser.parse_args(argv)

    from tqdm import tqdm

    from models import registry
    from models.voice import building
    from models.voice.dataset import read
    from models.voice.evaluation import plots, report
    from models.voice.evaluation.run import evaluate
    from models.voice.train import held_out, train

    clips = building.clips(args.attacks, variants=args.variants)
    if not clips:
        parser.exit(2, f"nothing to train on: no manifest with clips in {args.attacks} (see scripts.make_attacks)\n")
    bank = args.work or args.attacks / "features"
    building.fill(clips, args.attacks, bank, clip_s=args.clip_s, seed=args.seed, workers=args.workers, bar=tqdm)
    heard = read(clips, bank)
    korean = (args.data / "voice" / "genuine_ko").is_dir() and args.korean_every
    pieces = building.korean(args.data / "voice", bar=tqdm, every=args.korean_every) if korean else []
    data = {"clips": len(heard), "variants": args.variants, "clip_s": args.clip_s}
    kinds = {name: KINDS[name] for name in args.members}
    known = held_out(heard, kinds, seed=args.seed, bar=tqdm)
    version = train(heard, pieces, args.store, kinds=kinds, seed=args.seed, data=data, bar=tqdm, known=known)
    print(json.dumps(version.manifest["metrics"], indent=2))
    if args.report:
        judged = evaluate(heard, pieces, kinds, seed=args.seed, bar=tqdm, known=known)
        report.write(judged, args.report)
        plots.draw(judged, args.report)
    print(f"published: voice/{version.name}")
    if args.activate:
        registry.activate(args.store, "voice", version.name)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

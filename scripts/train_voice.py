"""Train the voice model: python -m scripts.train_voice --data DIR."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path

from core.settings import ROOT

CALL_S = 12.0


def main(argv: Sequence[str] | None = None) -> int:
    """Make altered voices, train, print the held-out figures, publish and activate; 2 when there is no data."""
    parser = argparse.ArgumentParser(prog="python -m scripts.train_voice", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds voice/")
    parser.add_argument("--store", type=Path, default=ROOT / "models" / "store", help="model registry")
    parser.add_argument("--call-s", type=float, default=CALL_S, help="longest training call in seconds")
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that alter voices")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="a small run to see that everything works")
    args = parser.parse_args(argv)
    voice = args.data / "voice"
    if not voice.is_dir():
        parser.exit(2, f"no training data: {voice} is not a folder (see --data)\n")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the workers are the parallelism while voices are altered

    from tqdm import tqdm

    from models.voice.building import build_korean, build_training, training_sources
    from models.voice.dataset import fingerprint
    from models.voice.train import Recipe, train

    every = 8 if args.quick else 1
    found = training_sources(voice, call_s=args.call_s, every=every)
    variants = build_training(found, call_s=args.call_s, seed=args.seed, workers=args.workers)
    korean = build_korean(voice, workers=args.workers, every=every)
    os.environ.pop("OMP_NUM_THREADS", None)
    recipe = Recipe(args.call_s, 2 if args.quick else args.epochs, args.seed)
    data = {"fingerprint": fingerprint(found), "calls": len(found), "quick": args.quick}
    version = train(variants, korean, args.store, recipe=recipe, data=data, bar=tqdm)
    print(json.dumps(version.manifest["metrics"], indent=2))
    print(f"published and active: voice/{version.name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

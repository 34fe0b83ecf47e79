"""Types of text models, and amounts of our own corpus, on batches of it that none of them learned.

    python -m scripts.compare_text --data DIR --held-out ae af ag --models linear nb lgbm
    python -m scripts.compare_text --data DIR --held-out ae af ag --batches 8 16 30

Every type learns once from all sources and the other batches (``--batches``: only the first so many of them, in order),
without calls that share text with what is held out. The score of a call is the mean of its two highest windows and of
all of them, uncalibrated: the table compares rankings. Prints Markdown with 95 % bootstrap intervals by call.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from core.settings import ROOT
from scripts.evaluate_unseen import figures, noisy
from scripts.train_text import KINDS

if TYPE_CHECKING:
    from models.text.loso import Logits, Trainer

COLUMNS = ("AUROC", "recall at 5 % false alarms", "AUROC, noisy", "recall at 5 %, noisy", "seconds to learn")


def main(argv: Sequence[str] | None = None) -> int:
    """Print one row for every type and amount; 2 when there is no data, or no such batch."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.compare_text", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder that holds text/")
    parser.add_argument("--held-out", nargs="+", required=True, metavar="BATCH", help="letters of batches to judge by")
    parser.add_argument("--models", nargs="+", choices=KINDS, default=["linear"])
    parser.add_argument("--batches", nargs="+", type=int, metavar="N", help="learn from the first N batches only")
    parser.add_argument("--checkpoint", type=Path, help="folder of the pretrained network that kobert starts from")
    parser.add_argument("--quick", action="store_true", help="a small run to see that everything works")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    if not (args.data / "text").is_dir():
        parser.exit(2, f"no training data: {args.data / 'text'} is not a folder (see --data)\n")

    from models.text import data, zoo
    from models.text.duplicates import shingles, without_duplicates
    from models.text.noise import SttNoise
    from models.text.samples import make_samples

    calls = data.load_sources(args.data)[:: 50 if args.quick else 1] + data.load_corpus()
    batches = in_order({data.batch_of(c.id) for c in calls if c.source == data.OWN})
    if unknown := set(args.held_out) - set(batches):
        parser.exit(2, f"no such batch of models/text/corpus: {', '.join(sorted(unknown))}\n")
    learnable = [name for name in batches if name not in args.held_out]
    held_out = [i for i, c in enumerate(calls) if c.source == data.OWN and data.batch_of(c.id) in args.held_out]
    noise = SttNoise.learned(args.data)
    table = [shingles(call.text) for call in calls]
    rest = without_duplicates(sorted(set(range(len(calls))) - set(held_out)), held_out, calls, table)
    samples = make_samples(calls, noise, seed=args.seed)
    material = zoo.Material(calls, samples, quick=args.quick, checkpoint=args.checkpoint)
    judged = [calls[i] for i in held_out]
    copies = noisy(judged, noise)
    print(f"| type | own calls learned | {' | '.join(COLUMNS)} |\n|---|--:|{'--:|' * len(COLUMNS)}", flush=True)
    amounts = args.batches or [len(learnable)]
    trainers: dict[str, Trainer] = {}
    for kind, amount in tqdm([(k, a) for k in args.models for a in amounts], unit="model", disable=None):
        chosen = set(learnable[:amount])
        train = [i for i in rest if calls[i].source != data.OWN or data.batch_of(calls[i].id) in chosen]
        trainer = trainers.get(kind) or trainers.setdefault(kind, zoo.kind(kind).trainer(material))
        started = time.perf_counter()
        network = trainer.fit(train, seed=args.seed)
        seconds = time.perf_counter() - started
        views = trainer.call_logits(network, held_out), trainer.text_logits(network, copies)
        cells = [cell for logits in views for cell in figures(judged, scores(logits))]
        own = sum(calls[i].source == data.OWN for i in train)
        print(f"| `{kind}` | {own} | {' | '.join(cells)} | {seconds:.0f} |", flush=True)
    return 0


def in_order(batches: Iterable[str]) -> list[str]:
    """Return the letters of batches in the order they were written: ``a`` to ``z``, then ``aa``."""
    return sorted(batches, key=lambda name: (len(name), name))


def scores(logits: Sequence[Logits]) -> Logits:
    """Return the score of each text from its window logits, shape (n,)."""
    from models.text.calibration import summary

    return np.array([sum(summary(values)) / 2.0 for values in logits])


if __name__ == "__main__":
    raise SystemExit(main())

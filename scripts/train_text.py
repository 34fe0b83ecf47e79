"""Train the text model: python -m scripts.train_text --data DIR."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from core.settings import ROOT

KINDS = ("linear", "nb", "lgbm", "cnn_bilstm", "kobert", "ensemble")
DEFAULT = ("linear", "nb")
"""The two that learn within minutes; lgbm, cnn_bilstm and kobert take hours for all held-out sources."""


def main(argv: Sequence[str] | None = None) -> int:
    """Train, print the held-out tables, publish and activate the winner; 2 when there is no data."""
    parser = argparse.ArgumentParser(prog="python -m scripts.train_text", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds text/")
    parser.add_argument("--store", type=Path, default=ROOT / "models" / "store", help="model registry")
    parser.add_argument("--models", nargs="+", choices=KINDS, default=list(DEFAULT), help="which models compete")
    parser.add_argument("--checkpoint", type=Path, help="folder of the pretrained network that kobert starts from")
    parser.add_argument("--quick", action="store_true", help="a small run to see that everything works")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--card", type=Path, help="model card to write the tables into, e.g. docs/models/text.md")
    args = parser.parse_args(argv)
    if not (args.data / "text").is_dir():
        parser.exit(2, f"no training data: {args.data / 'text'} is not a folder (see --data)\n")

    from models import documents
    from models.text import card
    from models.text.train import train

    done = train(
        args.data,
        args.store,
        kinds=args.models,
        checkpoint=args.checkpoint,
        quick=args.quick,
        seed=args.seed,
        progress=_bar,
    )
    text = "\n\n".join(
        f"### `{kind}` (quality {done.qualities[kind]:.3f})\n\n{card.table(rows)}" for kind, rows in done.tables.items()
    )
    print(text)
    if args.card:
        documents.write(args.card, text)
    print(f"\npublished and active: text/{done.version.name} ({done.version.manifest['type']})")
    return 0


def _bar(name: str) -> Callable[[Sequence[Any]], Iterable[Any]]:
    from tqdm import tqdm

    return lambda folds: tqdm(folds, desc=f"{name}: leave one source out", unit="fold")


if __name__ == "__main__":
    raise SystemExit(main())

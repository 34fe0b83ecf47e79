"""Judge a published text model on calls it never learned: python -m scripts.evaluate_unseen --version NAME FILE...

Each FILE holds JSON lines with "id", "label" (1 = scam) and "text", as the batches of models/text/corpus. A file that
the version's manifest names among its training data, byte for byte, is refused. Prints a Markdown table with 95 %
bootstrap intervals by call, clean and with recognition noise.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import ModelRefused
from core.settings import ROOT, Settings
from models.registry import ModelVersion, open_version
from models.text.loading import load_text_model

if TYPE_CHECKING:
    from models.text.data import Call
    from models.text.evaluation.metrics import Floats
    from models.text.noise import SttNoise

NOISE_RATE, DRAWN = 0.3, 4
"""Share of wrong syllables, and noisy copies of each call."""
COLUMNS = ("AUROC", "recall at 5 % false alarms", "recall, danger", "false alarms, danger")


def main(argv: Sequence[str] | None = None) -> int:
    """Print one row for every file and one for all; 1 when there is no usable model, 2 when a file was learned."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.evaluate_unseen",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="labelled calls as JSON lines")
    parser.add_argument("--store", type=Path, default=Settings.from_env().model_store, help="model registry")
    parser.add_argument("--version", help="model version (default: the active one)")
    parser.add_argument(
        "--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder with the noise table"
    )
    args = parser.parse_args(argv)
    try:
        version = open_version(args.store, "text", args.version)
        model = load_text_model(version)
    except ModelRefused as error:
        print(f"evaluate_unseen: {error.message}", file=sys.stderr)
        return 1
    if known := learned(version, args.files):
        print(f"evaluate_unseen: {version.name} learned from {', '.join(known)}", file=sys.stderr)
        return 2
    from models.text.data import read_jsonl
    from models.text.noise import SttNoise

    noise = SttNoise.learned(args.data)
    by_file = {path.name: read_jsonl(path, path.stem) for path in args.files}
    if len(by_file) > 1:
        by_file["all"] = [call for calls in by_file.values() for call in calls]
    print(f"| `{version.name}` | calls | noise | {' | '.join(COLUMNS)} |\n|---|--:|--:|{'--:|' * len(COLUMNS)}")
    for name, calls in by_file.items():
        for rate in (0.0, NOISE_RATE):
            scores = model.predict_proba(noisy(calls, noise, rate, 1 if rate == 0.0 else DRAWN))
            cells = figures(calls, scores, model.thresholds.danger)
            print(f"| {name} | {len(calls)} | {rate:.0%} | {' | '.join(cells)} |", flush=True)
    return 0


def learned(version: ModelVersion, files: Sequence[Path]) -> list[str]:
    """Return the names of files whose very bytes are among the version's training data."""
    data: dict[str, Any] = version.manifest["data"]
    digests = {entry["sha256"] for entry in data.get("files", {}).values()}
    return [path.name for path in files if hashlib.sha256(path.read_bytes()).hexdigest() in digests]


def noisy(calls: Sequence[Call], noise: SttNoise, rate: float = NOISE_RATE, copies: int = DRAWN) -> list[str]:
    """Return the noisy copies of each call, one call after the other; always the same ones."""
    return [
        noise.apply(call.text, rate, random.Random(f"{call.id}/{copy}")) or call.text  # noqa: S311 - noise, not secrets
        for call in calls
        for copy in range(copies)
    ]


def figures(calls: Sequence[Call], scores: Floats, danger: float | None = None) -> list[str]:
    """Return the cells of one row, each figure with its interval; those at the border ``danger`` when it is given.

    ``scores`` are of one text of each call, or of several, one call after the other.
    """
    from models.text.evaluation import intervals, metrics

    copies = len(scores) // len(calls)
    labels = np.repeat([call.label for call in calls], copies).astype(np.int64)
    weight = intervals.weights([call.id for call in calls for _ in range(copies)], labels)
    found = [metrics.auroc(weight, labels, scores), metrics.recall_at(weight, labels, scores)]
    if danger is not None:
        sides = [labels == 1, labels == 0]
        found += [metrics.rate(weight[:, side], scores[side] >= danger) for side in sides]
    return [f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]" for one in map(intervals.estimate, found)]


if __name__ == "__main__":
    sys.exit(main())

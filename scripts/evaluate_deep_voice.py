"""DEEP-VOICE features by 10-fold cross-validation, as published: python -m scripts.evaluate_deep_voice --data DIR.

The table has no recording column, so random folds put windows of one recording on both sides: the figures are inflated.
They tell that a classifier works on these 26 features, nothing about voices or tools it has not heard. The second table
keeps clusters of like rows (k-means of the features, labels unseen) on one side, the nearest thing to whole recordings.
Exit code 0: done; 2: no data.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.thresholds import equal_error

FILE = Path("voice/deep_voice_features.csv")
MEASURES = ("accuracy", "macro-F1", "EER")
CLUSTERS = 100
Measured = NDArray[np.float64]
"""Shape (folds, 3): ``MEASURES``, each 0..1."""


def main(argv: Sequence[str] | None = None) -> int:
    """Print both tables and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.evaluate_deep_voice",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help=f"folder that holds {FILE}")
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--trees", type=int, default=600)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    path = args.data / FILE
    if not path.is_file():
        parser.exit(2, f"no data: {path} is not a file (see --data)\n")

    from tqdm import tqdm

    features, labels = read(path)
    clusters = like_rows(features, seed=args.seed)
    for groups, name in ((None, "random folds (inflated)"), (clusters, "folds of whole clusters of like rows")):
        measured = cross_validate(
            features,
            labels,
            groups=groups,
            folds=args.folds,
            seed=args.seed,
            make=lambda: classifier(args.trees, threads=args.threads, seed=args.seed),
            bar=partial(tqdm, total=args.folds, desc=name),
        )
        print(f"\n{name}: {len(labels)} rows, {features.shape[1]} features\n\n{as_text(measured)}")
    return 0


def read(path: Path) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return features (n, 26) and labels (n), 1 = made by a machine; the label is the last column."""
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    return table[:, :-1].astype(np.float32), table[:, -1].astype(np.int64)


def classifier(trees: int, *, threads: int, seed: int) -> Any:
    """Return an unfitted gradient boosting of randomly cut trees; each sees three tenths of the features."""
    from lightgbm import LGBMClassifier

    return LGBMClassifier(
        n_estimators=trees,
        learning_rate=0.1,
        min_child_samples=5,
        colsample_bytree=0.3,
        extra_trees=True,
        n_jobs=threads,
        random_state=seed,
        verbose=-1,
    )


def like_rows(features: NDArray[np.float32], *, seed: int) -> NDArray[np.int64]:
    """Return the cluster of each row, shape (n,)."""
    from sklearn.cluster import KMeans

    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    return np.asarray(KMeans(CLUSTERS, n_init=1, random_state=seed).fit_predict(scaled), np.int64)


def cross_validate(
    features: NDArray[np.float32],
    labels: NDArray[np.int64],
    *,
    groups: NDArray[np.int64] | None = None,
    folds: int,
    seed: int,
    make: Callable[[], Any],
    bar: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> Measured:
    """Return the measures of each stratified fold; rows of a group stay together."""
    from sklearn.metrics import f1_score
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    folding = StratifiedKFold if groups is None else StratifiedGroupKFold
    measured = []
    for train, test in bar(folding(folds, shuffle=True, random_state=seed).split(features, labels, groups)):
        scores = make().fit(features[train], labels[train]).predict_proba(features[test])[:, 1]
        truth, said = labels[test], (scores >= 0.5).astype(np.int64)
        eer = equal_error(scores[truth == 0], scores[truth == 1])[1]
        measured.append((np.mean(said == truth), f1_score(truth, said, average="macro"), eer))
    return np.array(measured)


def as_text(measured: Measured) -> str:
    """Return a Markdown table: a line a fold, then mean ± standard deviation."""
    lines = [f"| fold | {' | '.join(MEASURES)} |", "|--:|--:|--:|--:|"]
    lines += [f"| {i} | {' | '.join(f'{one:.4f}' for one in fold)} |" for i, fold in enumerate(measured, start=1)]
    overall = (f"{mean:.4f} ± {std:.4f}" for mean, std in zip(measured.mean(axis=0), measured.std(axis=0), strict=True))
    return "\n".join([*lines, f"| mean | {' | '.join(overall)} |"])


if __name__ == "__main__":
    raise SystemExit(main())

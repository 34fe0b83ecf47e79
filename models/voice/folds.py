"""Held-out scores: by speaker, and with a whole family of attacks left out."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.thresholds import equal_error
from models.voice.attacks import FAMILIES
from models.voice.dataset import GENUINE, Variant
from models.voice.network import fit, predict

FOLDS = 3
Scores = NDArray[np.float64]


def fold_of(variant: Variant) -> int:
    """Return the fold of a variant: every version of a speaker falls into the same one."""
    return zlib.crc32(f"{variant.corpus}/{variant.speaker}".encode()) % FOLDS


def train_on(variants: Sequence[Variant], *, epochs: int, seed: int) -> Callable[[Sequence[Variant]], list[Scores]]:
    """Fit one network and return what gives each variant its window logits."""
    network = fit(*stacked(variants), epochs=epochs, seed=seed)

    def score(others: Sequence[Variant]) -> list[Scores]:
        logits = predict(network, np.concatenate([v.windows for v in others]))
        return list(np.split(logits, np.cumsum([len(v.windows) for v in others])[:-1]))

    return score


def stacked(variants: Sequence[Variant]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return all windows (n, N_FRAMES, N_MFCC) and their labels (n,), 1 = altered."""
    labels = [np.full(len(v.windows), int(v.attack != GENUINE), np.int64) for v in variants]
    return np.concatenate([v.windows for v in variants]), np.concatenate(labels)


def held_out(variants: Sequence[Variant], *, epochs: int, seed: int, bar: Callable[..., Sequence[int]]) -> list[Scores]:
    """Return each variant's window logits by a network that never heard its speaker."""
    found: dict[int, Scores] = {}
    for fold in bar(range(FOLDS), desc="speakers held out"):
        inside = [i for i, v in enumerate(variants) if fold_of(v) == fold]
        outside = [v for v in variants if fold_of(v) != fold]
        scores = train_on(outside, epochs=epochs, seed=seed)([variants[i] for i in inside])
        found.update(zip(inside, scores, strict=True))
    return [found[i] for i in range(len(variants))]


def families_left_out(
    variants: Sequence[Variant], *, epochs: int, seed: int, bar: Callable[..., Sequence[str]]
) -> dict[str, float]:
    """Return the EER on each family of attacks by a network that heard neither it nor the speakers (fold 0)."""
    result = {}
    present = {FAMILIES[v.attack] for v in variants if v.attack != GENUINE}
    for family in bar(sorted(present), desc="families left out"):
        train = [v for v in variants if fold_of(v) != 0 and FAMILIES.get(v.attack) != family]
        test = [v for v in variants if fold_of(v) == 0 and FAMILIES.get(v.attack, family) == family]
        logits = train_on(train, epochs=epochs, seed=seed)(test)
        calls = np.array([float(np.mean(scores)) for scores in logits])
        altered = np.array([v.attack != GENUINE for v in test])
        result[family] = equal_error(calls[~altered], calls[altered])[1]
    return result

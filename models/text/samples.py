"""Training samples: windows of calls, short excerpts and noisy copies, weighted so that no source drowns another."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.text.data import OWN, Call
from models.text.noise import SttNoise
from models.text.windows import WINDOW, windows

MOST_WINDOWS = 8
"""Windows drawn from one call; a two-hour monologue teaches no more than that."""
CAP = 1500.0
"""Most mass one (source, label) may have; one unit is one window."""
OWN_FACTOR = 2.2
"""Our own corpus counts more than twice: it alone holds innocent calls full of scam words. More of it costs recall
on recordings of real scams, less of it costs recall on new kinds of scam."""
SOURCE_FACTOR = {"vpda_v25": 0.2, "leejaein_synthetic": 0.5}
"""Morpheme-split text is not Korean as it is spoken; machine-written text is too clean."""
EXCERPT_WEIGHT = 0.4
NOISE_RATES = (0.05, 0.35)


@dataclass(frozen=True, slots=True)
class Sample:
    """One training text. ``call`` is an index into the calls; ``share`` its weight among the call's source."""

    call: int
    text: str
    share: float


def make_samples(calls: Sequence[Call], noise: SttNoise, *, seed: int = 0) -> list[Sample]:
    """Return windows, one short excerpt and a noisy copy of each, for every call.

    The draw of a call depends on the seed and its place only, so folds may pick samples by call.
    """
    samples = []
    for place, call in enumerate(calls):
        rng = random.Random(seed * 1_000_003 + place)  # noqa: S311 - augmentation, not secrets
        parts = windows(call.text)
        picked = parts if len(parts) <= MOST_WINDOWS else rng.sample(parts, MOST_WINDOWS)
        texts = [(part, 1.0) for part in picked]
        texts.append((_excerpt(rng.choice(picked), rng), EXCERPT_WEIGHT))
        for text, share in texts:
            samples.append(Sample(place, text, share))
            samples.append(Sample(place, noise.apply(text, rng.uniform(*NOISE_RATES), rng)[:WINDOW], share))
    return samples


def weights(samples: Sequence[Sample], calls: Sequence[Call]) -> NDArray[np.float32]:
    """Return the weight of each sample, shape (n,): sources balanced, both labels equal, mean 1."""
    groups = [(calls[s.call].source, calls[s.call].label) for s in samples]
    mass: dict[tuple[str, int], float] = {}
    for group, sample in zip(groups, samples, strict=True):
        mass[group] = mass.get(group, 0.0) + sample.share
    factor = {group: _target(group[0], total) / total for group, total in mass.items()}
    raw = np.array([s.share * factor[g] for s, g in zip(samples, groups, strict=True)], np.float64)
    labels = np.array([g[1] for g in groups])
    for label in (0, 1):
        side = labels == label
        if side.any():
            raw[side] *= 0.5 * len(raw) / raw[side].sum()
    return raw.astype(np.float32)


def _target(source: str, total: float) -> float:
    if source == OWN:
        return total * OWN_FACTOR
    return min(total, CAP) * SOURCE_FACTOR.get(source, 1.0)


def _excerpt(text: str, rng: random.Random) -> str:
    """Cut 30–120 syllables: sentences are scored too, so length must not follow the label."""
    size = rng.randint(30, 120)
    start = rng.randint(0, max(0, len(text) - size))
    return text[start : start + size]

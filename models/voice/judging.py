"""Window logits → calls of a wanted length → errors. Plain arithmetic over held-out scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.thresholds import equal_error
from models.voice.dataset import GENUINE, Heard
from models.voice.features import WINDOW_S

Scores = NDArray[np.float64]

MISS_COST, ALARM_COST, ALTERED_PRIOR = 1.0, 10.0, 0.05
"""As ASVspoof weighs them: an altered call is rare, and a false alarm on an honest caller costs ten misses."""


@dataclass(frozen=True, slots=True)
class Call:
    """Windows of one speaker and one attack, of one clip or of several of them (each over its own line)."""

    altered: bool
    attack: str
    families: frozenset[str]
    source: str
    split: str
    codecs: frozenset[str]
    logit: float
    """Mean of its windows."""


def calls(heard: Sequence[Heard], logits: Sequence[Scores | None], *, length_s: float | None) -> list[Call]:
    """Return calls of ``length_s`` of speech (None: every clip is one); clips without logits are left out.

    Short clips of one speaker and attack are laid end to end; what is left over at the end is not judged.
    """
    wanted = max(1, round(length_s / WINDOW_S)) if length_s else 0
    groups: dict[tuple[str, str, int], list[tuple[Heard, Scores]]] = {}
    for i, (part, scores) in enumerate(zip(heard, logits, strict=True)):
        if scores is not None:
            groups.setdefault((part.split, part.attack, i if not wanted else 0), []).append((part, scores))
    made = []
    for members in groups.values():
        scores = np.concatenate([scores for _, scores in members])
        owners = [part for part, own in members for _ in own]
        size = wanted or len(scores)
        made += [
            _call(owners[start : start + size], scores[start : start + size])
            for start in range(0, len(scores) - size + 1, size)
        ]
    return made


def on_line(heard: Sequence[Heard], logits: Sequence[Scores | None], line: str) -> list[Scores | None]:
    """Return the logits of clips that were carried over ``line``, None for the others."""
    return [own if part.line == line else None for part, own in zip(heard, logits, strict=True)]


def eer(found: Sequence[Call]) -> float:
    """Return the equal error rate, 0..1; NaN when a class is missing."""
    genuine, altered = split_scores(found)
    return equal_error(genuine, altered)[1] if len(genuine) and len(altered) else float("nan")


def cost(found: Sequence[Call]) -> float:
    """Return the lowest cost any threshold reaches, re always saying "genuine" or always "altered", 0..1."""
    genuine, altered = split_scores(found)
    if not len(genuine) or not len(altered):
        return float("nan")
    borders = np.append(np.unique(np.concatenate((genuine, altered))), np.inf)
    miss = np.searchsorted(np.sort(altered), borders, side="left") / len(altered)
    alarm = 1.0 - np.searchsorted(np.sort(genuine), borders, side="left") / len(genuine)
    missed, alarmed = MISS_COST * ALTERED_PRIOR, ALARM_COST * (1.0 - ALTERED_PRIOR)
    return float(np.min(missed * miss + alarmed * alarm) / min(missed, alarmed))


def split_scores(found: Sequence[Call]) -> tuple[Scores, Scores]:
    """Return the logits of genuine and of altered calls."""
    logits, altered = np.array([c.logit for c in found]), np.array([c.altered for c in found], bool)
    return logits[~altered], logits[altered]


def _call(owners: Sequence[Heard], scores: Scores) -> Call:
    first = owners[0]
    codecs = frozenset(part.codec for part in owners)
    families = first.families - {GENUINE}
    return Call(first.altered, first.attack, families, first.source, first.split, codecs, float(np.mean(scores)))

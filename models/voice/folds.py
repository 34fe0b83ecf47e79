"""Held-out scores: by speaker, by source of genuine speech, and with a whole family of attacks left out."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.voice.dataset import GENUINE, Heard, by_clip, labels, stacked
from models.voice.members.protocol import Fitted, Kind, Looks

FOLDS = 3
SOURCE_FOLDS = 5
Scores = NDArray[np.float64]
Bar = Callable[..., Any]


def speaker_fold(heard: Heard) -> int:
    """Return the fold of a clip: every version of a speaker falls into the same one."""
    return zlib.crc32(heard.split.encode()) % FOLDS


def source_of(heard: Heard) -> str:
    """Return where the person was recorded; altered clips keep it in their split, synthetic ones have ``tts``."""
    return heard.split.partition("/")[0]


def fit(kind: Kind, heard: Sequence[Heard], *, seed: int) -> Fitted:
    """Train one member on all windows; classes weigh the same, so do families of attacks and sources of speech."""
    return kind.fit(stacked(heard, kind.view), labels(heard), balance(heard), seed=seed)


def balance(heard: Sequence[Heard]) -> Scores:
    """Return a weight per window, mean one: each class half, each family or source within it alike (square root)."""
    groups = [(part.altered, part.family if part.altered else part.source) for part in heard]
    windows: dict[tuple[bool, str], int] = {}
    for group, part in zip(groups, heard, strict=True):
        windows[group] = windows.get(group, 0) + len(part)
    rare = {group: count**-0.5 for group, count in windows.items()}
    total = {side: sum(rare[g] * n for g, n in windows.items() if g[0] == side) for side in (False, True)}
    weights = [np.full(len(part), rare[g] / total[g[0]]) for g, part in zip(groups, heard, strict=True)]
    whole = np.concatenate(weights)
    return np.asarray(whole / whole.mean())


def score(member: Fitted, kind: Looks, heard: Sequence[Heard]) -> list[Scores]:
    """Return the window logits of each clip."""
    return by_clip(member.logits(stacked(heard, kind.view)), heard)


def held_out(kind: Kind, heard: Sequence[Heard], *, seed: int, bar: Bar) -> list[Scores]:
    """Return each clip's window logits by a member that never heard its speaker."""
    return _crossed(kind, heard, [speaker_fold(part) for part in heard], seed=seed, bar=bar, title="speakers held out")


def sources_left_out(kind: Kind, heard: Sequence[Heard], *, seed: int, bar: Bar) -> list[Scores]:
    """Return each clip's window logits by a member that never heard its source; synthetic clips go by speaker."""
    order = {name: i for i, name in enumerate(sorted({source_of(part) for part in heard} - {"tts"}))}
    keys = [
        order[source_of(part)] % SOURCE_FOLDS
        if source_of(part) in order
        else zlib.crc32(part.split.encode()) % SOURCE_FOLDS
        for part in heard
    ]
    return _crossed(kind, heard, keys, seed=seed, bar=bar, title="sources left out")


def families_left_out(kind: Kind, heard: Sequence[Heard], *, seed: int, bar: Bar) -> dict[str, list[Scores | None]]:
    """Return {family: window logits} by a member that heard neither the family nor the speakers of fold 0.

    Logits are those of genuine clips of fold 0 and of all clips of the family whose speaker is in fold 0 or synthetic;
    None for the others.
    """
    result: dict[str, list[Scores | None]] = {}
    families = sorted({name for part in heard for name in part.families} - {GENUINE})
    for family in bar(families, desc="families left out"):
        train = [part for part in heard if speaker_fold(part) and family not in part.families]
        chosen = [tells_of(part, {family}) for part in heard]
        test = [part for part, is_test in zip(heard, chosen, strict=True) if is_test]
        found = iter(score(fit(kind, train, seed=seed), kind, test))
        result[family] = [next(found) if is_test else None for is_test in chosen]
    return result


def tells_of(part: Heard, families: Collection[str]) -> bool:
    """Return whether a clip judges members that heard none of these families and no speaker of fold 0.

    Genuine clips of fold 0 do, and clips a family had a part in whose speaker is in fold 0 or synthetic.
    """
    if not part.altered:
        return speaker_fold(part) == 0
    return not part.families.isdisjoint(families) and (speaker_fold(part) == 0 or source_of(part) == "tts")


def _crossed(
    kind: Kind, heard: Sequence[Heard], keys: Sequence[int], *, seed: int, bar: Bar, title: str
) -> list[Scores]:
    found: dict[int, Scores] = {}
    for key in bar(sorted(set(keys)), desc=title):
        inside = [i for i, k in enumerate(keys) if k == key]
        member = fit(kind, [part for part, k in zip(heard, keys, strict=True) if k != key], seed=seed)
        found.update(zip(inside, score(member, kind, [heard[i] for i in inside]), strict=True))
    return [found[i] for i in range(len(heard))]

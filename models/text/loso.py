"""Leave one source out: what a model says about calls from a source it never saw."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.text.data import OWN, Call, fold_of_corpus
from models.text.duplicates import shingles, without_duplicates
from models.text.noise import SttNoise

Logits = NDArray[np.float64]
NOISE_RATE = 0.2
"""Share of wrong syllables in the noisy copies that are judged: what our recogniser does on telephone calls."""

ONLY_OF_ITS_KIND = "hlilab_normal"
"""The only real bank, shop and delivery calls. Held out whole for the table; for thresholds it is held out by
thirds as well, because the published model has seen the rest of it and would otherwise be measured by a stranger."""
THIRDS, PART = 3, "part_"


class Trainer(Protocol):
    """Anything that learns from a subset of calls and gives window logits."""

    @property
    def name(self) -> str:
        """Model type, as in the manifest."""
        ...

    def fit(self, train: Sequence[int], *, seed: int = 0) -> Any:
        """Learn from the calls with these indices."""
        ...

    def call_logits(self, network: Any, held_out: Sequence[int]) -> list[Logits]:
        """Return the window logits of each of these calls."""
        ...

    def text_logits(self, network: Any, texts: Sequence[str]) -> list[Logits]:
        """Return the window logits of each normalised text."""
        ...


@dataclass(frozen=True, slots=True)
class Fold:
    """A source (or two batches of our corpus, pairs kept together) that is held out at once."""

    name: str
    held_out: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """Held-out window logits.

    ``clean`` and ``noisy`` by call index, of the call and of its noisy copy; ``sentences`` by source;
    ``choosing`` (clean, noisy) of calls of ``ONLY_OF_ITS_KIND``, held out by thirds instead of whole.
    """

    clean: dict[int, Logits] = field(default_factory=dict)
    noisy: dict[int, Logits] = field(default_factory=dict)
    sentences: dict[str, list[Logits]] = field(default_factory=dict)
    choosing: dict[int, tuple[Logits, Logits]] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)


def folds(calls: Sequence[Call]) -> list[Fold]:
    """Return one fold per source; our corpus gives four, and the only source of its kind three more parts."""
    members: dict[str, list[int]] = {}
    for place, call in enumerate(calls):
        name = f"{OWN}_{fold_of_corpus(call.id)}" if call.source == OWN else call.source
        members.setdefault(name, []).append(place)
    whole = [Fold(name, tuple(places)) for name, places in sorted(members.items())]
    alone = members.get(ONLY_OF_ITS_KIND, [])
    blocks = np.array_split(np.array(alone, np.int64), THIRDS) if alone else []
    return whole + [Fold(f"{PART}{k}", tuple(int(i) for i in block)) for k, block in enumerate(blocks)]


def hold_out(
    trainer: Trainer,
    calls: Sequence[Call],
    noise: SttNoise,
    sentences: Mapping[str, Sequence[str]],
    *,
    progress: Callable[[Sequence[Fold]], Iterable[Fold]] = iter,
    seed: int = 0,
) -> Held:
    """Train once per fold without it, and without calls that share text with it; score what was held out."""
    table = [shingles(call.text) for call in calls]
    held = Held()
    for fold in progress(folds(calls)):
        inside = set(fold.held_out)
        outside = [i for i in range(len(calls)) if i not in inside]
        train = without_duplicates(outside, fold.held_out, calls, table)
        held.dropped[fold.name] = len(outside) - len(train)
        network = trainer.fit(train, seed=seed)
        copies = [noisy_copy(calls[i].text, i, noise) for i in fold.held_out]
        clean, noisy = trainer.call_logits(network, fold.held_out), trainer.text_logits(network, copies)
        if fold.name.startswith(PART):
            held.choosing.update(zip(fold.held_out, zip(clean, noisy, strict=True), strict=True))
            continue
        held.clean.update(zip(fold.held_out, clean, strict=True))
        held.noisy.update(zip(fold.held_out, noisy, strict=True))
        if fold.name in sentences:
            held.sentences[fold.name] = trainer.text_logits(network, sentences[fold.name])
    return held


def noisy_copy(text: str, place: int, noise: SttNoise) -> str:
    """Return the noisy copy of a call that is judged; always the same one for a place."""
    return noise.apply(text, NOISE_RATE, random.Random(7_919 + place)) or text  # noqa: S311

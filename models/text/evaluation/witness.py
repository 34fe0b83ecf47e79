"""Trainers that go in place of another one: one notes more than is asked, one learns from less."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.text.data import OWN, Call
from models.text.evaluation.views import View
from models.text.judge import PER_SOURCE
from models.text.loso import Fold, Held, Logits, Trainer, hold_out
from models.text.noise import SttNoise

OPEN = (OWN, "gdsc_novp")
"""Our own corpus and the one source whose repository states a free licence (MIT)."""


@dataclass(frozen=True, slots=True)
class Record:
    """Held-out window logits of the calls and of every view of them.

    ``views`` is {view: {call index: logits}} for at most ``PER_SOURCE`` calls of a source and label;
    ``choosing`` the same for calls that were held out a second time, by thirds (see ``loso``).
    """

    held: Held
    views: dict[str, dict[int, Logits]] = field(default_factory=dict)
    choosing: dict[str, dict[int, Logits]] = field(default_factory=dict)


class Witness:
    """Scores every view of a held-out call while the network that never saw it is at hand."""

    def __init__(
        self, trainer: Trainer, calls: Sequence[Call], views: Mapping[str, View], chosen: Iterable[int]
    ) -> None:
        self.name = trainer.name
        self.views: dict[str, dict[int, Logits]] = {name: {} for name in views}
        self.choosing: dict[str, dict[int, Logits]] = {name: {} for name in views}
        self._trainer, self._calls, self._make, self._chosen = trainer, calls, views, frozenset(chosen)

    def fit(self, train: Sequence[int], *, seed: int = 0) -> Any:
        """Learn from the calls with these indices."""
        return self._trainer.fit(train, seed=seed)

    def text_logits(self, network: Any, texts: Sequence[str]) -> list[Logits]:
        """Return the window logits of each normalised text."""
        return self._trainer.text_logits(network, texts)

    def call_logits(self, network: Any, held_out: Sequence[int]) -> list[Logits]:
        """Return the window logits of each of these calls, and keep those of their views."""
        places = [i for i in held_out if i in self._chosen]
        texts = {(name, i): view(self._calls[i], i) for name, view in self._make.items() for i in places}
        different = list(dict.fromkeys(texts.values()))  # a short call is its own beginning
        logits = dict(zip(different, self.text_logits(network, different), strict=True)) if different else {}
        for (name, i), text in texts.items():
            book = self.choosing if i in self.views[name] else self.views
            book[name][i] = logits[text]
        return self._trainer.call_logits(network, held_out)


class OpenOnly:
    """Learns from openly licensed calls alone, whatever it is given; a network for the same calls is made once."""

    def __init__(self, trainer: Trainer, calls: Sequence[Call]) -> None:
        self.name = trainer.name
        self._trainer = trainer
        self._open = frozenset(i for i, call in enumerate(calls) if call.source in OPEN)
        self._last: tuple[tuple[int, ...], int, Any] | None = None

    def fit(self, train: Sequence[int], *, seed: int = 0) -> Any:
        """Learn from those of the calls that are openly licensed."""
        kept = tuple(i for i in train if i in self._open)
        if self._last is None or self._last[:2] != (kept, seed):
            self._last = kept, seed, self._trainer.fit(kept, seed=seed)
        return self._last[2]

    def call_logits(self, network: Any, held_out: Sequence[int]) -> list[Logits]:
        """Return the window logits of each of these calls."""
        return self._trainer.call_logits(network, held_out)

    def text_logits(self, network: Any, texts: Sequence[str]) -> list[Logits]:
        """Return the window logits of each normalised text."""
        return self._trainer.text_logits(network, texts)


def hold_out_with_views(
    trainer: Trainer,
    calls: Sequence[Call],
    noise: SttNoise,
    views: Mapping[str, View],
    *,
    progress: Callable[[Sequence[Fold]], Iterable[Fold]] = iter,
    seed: int = 0,
) -> Record:
    """Hold out one source at a time and return what was said about its calls and every view of them."""
    witness = Witness(trainer, calls, views, balanced(range(len(calls)), calls, seed=seed))
    held = hold_out(witness, calls, noise, {}, progress=progress, seed=seed)
    return Record(held, witness.views, witness.choosing)


def balanced(places: Iterable[int], calls: Sequence[Call], *, most: int = PER_SOURCE, seed: int = 0) -> list[int]:
    """Return at most ``most`` indices of each (source, label), drawn once for all models."""
    groups: dict[tuple[str, int], list[int]] = {}
    for i in places:
        groups.setdefault((calls[i].source, calls[i].label), []).append(i)
    rng = np.random.default_rng(seed)
    return [
        int(i)
        for _, group in sorted(groups.items())
        for i in (group if len(group) <= most else sorted(rng.choice(group, most, replace=False)))
    ]

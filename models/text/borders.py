"""Where a sentence of unpunctuated Korean speech ends: weights of word endings and of beginnings of the next word."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

WEIGHTS = Path(__file__).with_name("borders.json")
"""Learned by ``python -m scripts.train_borders``; part of the release like code: the score of a call is not its."""
_NOT_WORD = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Borders:
    """A logistic model over the gap between two words; holds no state."""

    weights: Mapping[str, float]
    bias: float

    def ends(self, words: Sequence[str]) -> list[bool]:
        """Tell for each word whether a sentence ends with it; the last one always does.

        ``words`` may carry punctuation; it is not looked at.
        """
        bare = [_NOT_WORD.sub("", word) for word in words]
        return [
            after is None or self.bias + sum(self.weights.get(name, 0.0) for name in features(word, after)) > 0.0
            for word, after in zip_longest(bare, bare[1:])
        ]


def features(word: str, after: str) -> Iterator[str]:
    """Yield the names of what speaks for or against a border between two bare words."""
    yield f"<{word[-1:]}"
    yield f"<{word[-2:]}" if len(word) > 1 else f"<^{word}"
    yield f"<{word[-3:]}" if len(word) > 2 else f"<^^{word}"
    yield f">{after[:1]}"
    yield f">{after[:2]}" if len(after) > 1 else f">{after}$"


@functools.cache
def load_borders(path: Path = WEIGHTS) -> Borders:
    """Read what the training wrote, once per process."""
    stored = json.loads(path.read_text("utf-8"))
    return Borders(stored["weights"], float(stored["bias"]))

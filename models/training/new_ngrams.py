"""n-grams of the new calls that the model does not know yet: found in bounded memory, exact in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping

import numpy as np

from models.text.ngrams import MIN_DF, ngrams
from models.training.evidence import REHEARSAL
from models.training.learner import Examples

BUCKETS = 1 << 24
FULL = np.iinfo(np.uint16).max
MOST = 200_000
"""New n-grams that one update may add; the most frequent ones."""


def grow(index: Mapping[str, int], examples: Examples) -> tuple[dict[str, int], dict[str, int]]:
    """Return the index with the new n-grams of ``examples`` behind the old ones, and {new n-gram: its calls}.

    What is rehearsed was known when the model was first trained.
    """
    found = find(lambda: (e.text for e in examples() if e.origin != REHEARSAL), index)
    return {**index, **{gram: len(index) + place for place, gram in enumerate(found)}}, found


def find(texts: Callable[[], Iterator[str]], known: Container[str], *, most: int = MOST) -> dict[str, int]:
    """Return {n-gram: calls it stands in} for unknown n-grams of at least ``MIN_DF`` texts.

    The first reading counts hashes, which can only be too high; the second counts those n-grams themselves whose
    hash was seen often enough, at most about ``most`` of them.
    """
    seen = np.zeros(BUCKETS, np.uint16)  # half the memory of what would be enough for every number of calls
    for text in texts():
        places = np.unique([hash(gram) % BUCKETS for gram in set(ngrams(text)) if gram not in known]).astype(np.int64)
        seen[places] += seen[places] < FULL
    often = seen[seen >= MIN_DF]
    least = MIN_DF if len(often) <= most else int(np.partition(often, -most)[-most])
    exact: Counter[str] = Counter()
    for text in texts():
        exact.update(g for g in set(ngrams(text)) if g not in known and seen[hash(g) % BUCKETS] >= least)
    return {gram: number for gram, number in exact.most_common(most) if number >= MIN_DF}

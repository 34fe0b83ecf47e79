"""Training of the scam types: scam calls whose type somebody named, held out by batch and by source."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from models.text.counts import length_floor, tfidf
from models.text.data import CORPUS, OWN, fold_of_corpus
from models.text.ngrams import MIN_DF, MIN_SOURCES, Lookup, frequencies, packed
from models.text.noise import SttNoise
from models.text.normalise import normalise
from models.text.scam_cues import cue_vector
from models.text.scam_types import TYPES, TypeNetwork

COST = 30.0
"""Inverse strength of the L2 penalty; chosen on the folds of our own corpus."""
NOISE = 0.3
"""Share of syllables wrong in the noisy copy of a call."""
SOURCE_KINDS = {
    "capstone_typed": {"수사기관 사칭형": "authority", "대출 사기형": "loan"},
    "leejaein_synthetic": {
        "기관사칭_검찰경찰": "authority",
        "기관사칭_금감원": "authority",
        "기관사칭_국세청세무서": "authority",
        "금전요구_대출빙자": "loan",
        "금전요구_가족사칭": "family",
    },
}
"""Kinds of the sources that mean one of our types; their other kinds name what is asked for, not who asks."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A scam call of a known type; ``text`` is normalised, ``fold`` is held out together."""

    source: str
    fold: str
    text: str
    type: str


def load_typed(data: Path) -> list[Typed]:
    """Read our own scam calls and those of the sources whose kind is one of our types."""
    calls = []
    for path in sorted(CORPUS.glob("*.jsonl")):
        for row in map(json.loads, path.read_text("utf-8").splitlines()):
            if row["label"] == 1:
                fold = f"{OWN} {fold_of_corpus(row['id']) + 1}"
                calls.append(Typed(OWN, fold, normalise(row["text"]), row["type"]))
    for source, kinds in SOURCE_KINDS.items():
        path = data / "text" / f"{source}.csv"
        if path.is_file():
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = [row for row in csv.DictReader(file) if row["kind"] in kinds]
            calls += [Typed(source, source, normalise(row["text"]), kinds[row["kind"]]) for row in rows]
    return calls


def fit(calls: Sequence[Typed], noise: SttNoise, *, cost: float = COST, seed: int = 0) -> TypeNetwork:
    """Learn from the calls and a noisy copy of each; sources and types weigh by the square root of their size."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression

    index = _vocabulary(calls)
    rng = Random(seed)  # noqa: S311 - augmentation, not secrets
    texts = [call.text for call in calls] + [noise.apply(call.text, NOISE, rng) for call in calls]
    counts = Lookup(packed(index)).matrix(texts)
    present = np.asarray((counts[: len(calls)] > 0).sum(axis=0)).ravel()
    idf = (np.log((1.0 + len(calls)) / (1.0 + present)) + 1.0).astype(np.float32)
    cues = csr_matrix(np.stack([cue_vector(text) for text in texts]))
    floor = length_floor(counts, idf)
    matrix = hstack([tfidf(counts, idf, floor), cues]).tocsr()
    labels = [call.type for call in calls] * 2
    model = LogisticRegression(C=cost, max_iter=300, random_state=seed)
    model.fit(matrix, labels, sample_weight=np.tile(_weights(calls), 2))
    types = tuple(str(name) for name in model.classes_)
    coef, bias = model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)
    return TypeNetwork(types, index, idf, coef[: len(index)], coef[len(index) :], bias, floor)


def hold_out(
    calls: Sequence[Typed], noise: SttNoise, *, progress: Callable[[list[str]], Iterable[str]] = iter, seed: int = 1
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each call's probability of each of ``TYPES``, shape (n, types), from a model that never saw its fold.

    The second table is of copies with ``NOISE`` of their syllables wrong, other draws than in training.
    """
    clean, noisy = np.zeros((2, len(calls), len(TYPES)))
    rng = Random(seed)  # noqa: S311 - a test condition, not secrets
    for fold in progress(sorted({call.fold for call in calls})):
        network = fit([call for call in calls if call.fold != fold], noise)
        columns = [TYPES.index(name) for name in network.types]
        for place, call in enumerate(calls):
            if call.fold == fold:
                clean[place, columns] = network.probabilities(call.text)
                noisy[place, columns] = network.probabilities(noise.apply(call.text, NOISE, rng))
    return clean, noisy


def _vocabulary(calls: Sequence[Typed]) -> dict[str, int]:
    """Number the n-grams of ``MIN_DF`` calls or more, in two sources or in our own corpus."""
    found = frequencies([call.text for call in calls], [call.source for call in calls])
    kept = sorted(g for g, (number, where) in found.items() if number >= MIN_DF and _spread(where))
    return {gram: place for place, gram in enumerate(kept)}


def _spread(where: frozenset[str]) -> bool:
    return len(where) >= MIN_SOURCES or OWN in where


def _weights(calls: Sequence[Typed]) -> NDArray[np.float64]:
    """Return the weight of each call, mean 1: a small type is heard, a large source does not drown ours."""
    groups = [(call.source, call.type) for call in calls]
    size = {group: groups.count(group) for group in set(groups)}
    raw = np.array([size[group] ** -0.5 for group in groups])
    return np.asarray(raw / raw.mean(), np.float64)

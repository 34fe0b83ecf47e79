"""The linear model goes on learning: its old weights are the prior of the new ones."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from models.registry import ModelVersion
from models.text import linear
from models.text.artefacts import VOCABULARY, read_calibration
from models.text.calibration import Calibration
from models.text.counts import tfidf
from models.text.ngrams import count
from models.text.samples import MOST_WINDOWS
from models.text.windows import windows
from models.training.evidence import REHEARSAL, Example
from models.training.learner import Examples, Step
from models.training.new_ngrams import find

Vector = NDArray[np.float64]
STRENGTH = 0.125
"""How firmly a weight is held at its old value; as ``1 / C`` of a logistic regression."""
CALLS = 500
"""Calls counted at once."""
STEPS = 60
MIN_WEIGHT = 1e-3


class LinearLearner:
    """Logistic regression with an L2 pull to the old weights, over the old n-grams and new frequent ones."""

    def __init__(self, version: ModelVersion) -> None:
        vocabulary = json.loads((version.folder / VOCABULARY).read_text("utf-8"))
        self._df: dict[str, int] = dict(zip(vocabulary["ngrams"], vocabulary["df"], strict=True))
        with np.load(version.folder / linear.WEIGHTS, allow_pickle=False) as arrays:
            bias, floor = (float(value) for value in arrays["scalars"])
            index = {gram: place for place, gram in enumerate(vocabulary["ngrams"])}
            self._network = linear.Network(index, arrays["idf"], arrays["coef"], bias, floor)
        self.calibration = read_calibration(version.folder)

    def learn(self, examples: Examples, *, scratch: Path, step: Step, seed: int = 0) -> int:
        """Learn by L-BFGS over counts that lie on disk; convex, so ``seed`` changes nothing."""
        from scipy.optimize import minimize

        del seed
        size, mass = 0, [0.0, 0.0]
        for example in examples():
            size, mass[example.label] = size + 1, mass[example.label] + example.weight
        self._grow(examples, size)
        old = np.append(self._network.coef, self._network.bias).astype(np.float64)
        share = [sum(mass) / (2 * one) if one else 0.0 for one in mass]
        with tempfile.TemporaryFile(dir=scratch) as file:
            chunks = self._count(examples, share, file)

            def loss(theta: Vector) -> tuple[float, Vector]:
                away = theta - old
                value, slope = 0.5 * STRENGTH * float(away @ away), STRENGTH * away
                for matrix, sign, weight in _read(file, chunks, len(old) - 1):
                    margin = sign * (matrix @ theta[:-1] + theta[-1])
                    value += float(weight @ np.logaddexp(0.0, -margin))
                    pull = -weight * sign / (1.0 + np.exp(np.minimum(margin, 500.0)))
                    slope[:-1] += matrix.T @ pull
                    slope[-1] += pull.sum()
                return value, slope

            done = iter(range(1, STEPS + 1))
            found = minimize(
                loss,
                old,
                jac=True,
                method="L-BFGS-B",
                callback=lambda _: step(next(done)),
                options={"maxiter": STEPS, "maxcor": 6},
            )
        coef, bias = found.x[:-1].astype(np.float32), float(found.x[-1])
        known = self._network
        self._network = linear.Network(known.index, known.idf, coef, bias, known.floor)
        return size

    def logits(self, text: str) -> Vector:
        """Return the window logits of a normalised text, shape (windows,)."""
        return self._network.logits(windows(text) or [""])

    def save(self, folder: Path, calibration: Calibration) -> None:
        """Write the artefact without n-grams whose weight is next to nothing."""
        known = self._network
        order = sorted(known.index, key=known.index.__getitem__)
        keep = np.flatnonzero(np.abs(known.coef) >= MIN_WEIGHT)
        index = {order[column]: place for place, column in enumerate(keep)}
        small = linear.Network(index, known.idf[keep], known.coef[keep], known.bias, known.floor)
        linear.save(folder, small, self._df, calibration)

    def _grow(self, examples: Examples, size: int) -> None:
        """Add new n-grams at weight 0; what is rehearsed was known when the model was first trained."""
        known = self._network
        found = find(lambda: (e.text for e in examples() if e.origin != REHEARSAL), known.index)
        self._df |= found
        index = {**known.index, **{gram: len(known.index) + place for place, gram in enumerate(found)}}
        df = np.fromiter(found.values(), np.float64, len(found))
        idf = np.append(known.idf, np.log((1.0 + size) / (1.0 + df)) + 1.0).astype(np.float32)
        coef = np.append(known.coef, np.zeros(len(found), np.float32))
        self._network = linear.Network(index, idf, coef, known.bias, known.floor)

    def _count(self, examples: Examples, share: list[float], file: IO[bytes]) -> int:
        """Write windows as TF-IDF rows with sign and weight, ``CALLS`` calls at a time; return the number of chunks."""
        chunks, rest = 0, examples()
        while batch := list(islice(rest, CALLS)):
            chunks += 1
            texts, signs, weights = [], [], []
            for example in batch:
                parts = pick(example)
                texts += parts
                signs += [2.0 * example.label - 1.0] * len(parts)
                weights += [example.weight * share[example.label]] * len(parts)
            rows = tfidf(count(texts, self._network.index), self._network.idf, self._network.floor)
            for array in (rows.data, rows.indices, rows.indptr, np.array(signs), np.array(weights)):
                np.save(file, array, allow_pickle=False)
        return chunks


def pick(example: Example) -> list[str]:
    """Return the windows of a call, at most ``MOST_WINDOWS``, evenly spread."""
    parts = windows(example.text)
    if len(parts) <= MOST_WINDOWS:
        return parts
    return [parts[int(place)] for place in np.linspace(0, len(parts) - 1, MOST_WINDOWS)]


def _read(file: IO[bytes], chunks: int, columns: int) -> Iterator[tuple[Any, Vector, Vector]]:
    from scipy.sparse import csr_matrix

    file.seek(0)
    for _ in range(chunks):
        data, indices, indptr, sign, weight = (np.load(file, allow_pickle=False) for _ in range(5))
        yield csr_matrix((data, indices, indptr), shape=(len(sign), columns)), sign, weight

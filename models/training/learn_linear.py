"""The linear model goes on learning: its old weights are the prior of the new ones."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from models.registry import ModelVersion
from models.text import linear
from models.text.artefacts import read_calibration, read_frequencies
from models.text.calibration import Calibration
from models.text.counts import tfidf
from models.text.fit_linear import slim
from models.text.ngrams import packed
from models.text.windows import windows
from models.training.learner import Examples, Step
from models.training.lots import balance, lots, pick
from models.training.new_ngrams import grow

Vector = NDArray[np.float64]
STRENGTH = 0.125
"""How firmly a weight is held at its old value; as ``1 / C`` of a logistic regression."""
STEPS = 60


class LinearLearner:
    """Logistic regression with an L2 pull to the old weights, over the old n-grams and new frequent ones."""

    def __init__(self, version: ModelVersion) -> None:
        self._df = read_frequencies(version.folder)
        with np.load(version.folder / linear.WEIGHTS, allow_pickle=False) as arrays:
            bias, floor = (float(value) for value in arrays["scalars"])
            self._network = linear.Network(packed(self._df), arrays["idf"], arrays["coef"], bias, floor)
        self.calibration = read_calibration(version.folder)

    def learn(self, examples: Examples, *, scratch: Path, step: Step, seed: int = 0) -> int:
        """Learn by L-BFGS over counts that lie on disk; convex, so ``seed`` changes nothing."""
        from scipy.optimize import minimize

        del seed
        size, share = balance(examples())
        self._grow(examples, size)
        old = np.append(self._network.coef, self._network.bias).astype(np.float64)
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
        self._network = linear.Network(known.ngrams, known.idf, coef, bias, known.floor)
        return size

    def logits(self, text: str) -> Vector:
        """Return the window logits of a normalised text, shape (windows,)."""
        return self._network.logits(windows(text) or [""])

    def save(self, folder: Path, calibration: Calibration) -> None:
        """Write the artefact without n-grams whose weight is next to nothing."""
        linear.save(folder, slim(self._network), self._df, calibration)

    def _grow(self, examples: Examples, size: int) -> None:
        """Add new n-grams at weight 0."""
        known = self._network
        index, found = grow({gram: place for place, gram in enumerate(self._df)}, examples)
        self._df |= found
        df = np.fromiter(found.values(), np.float64, len(found))
        idf = np.append(known.idf, np.log((1.0 + size) / (1.0 + df)) + 1.0).astype(np.float32)
        coef = np.append(known.coef, np.zeros(len(found), np.float32))
        self._network = linear.Network(packed(index), idf, coef, known.bias, known.floor)

    def _count(self, examples: Examples, share: list[float], file: IO[bytes]) -> int:
        """Write windows as TF-IDF rows with sign and weight, a lot of calls at a time; return the number of chunks."""
        chunks = 0
        for chunks, lot in enumerate(lots(examples()), 1):  # noqa: B007
            texts, signs, weights = [], [], []
            for example in lot:
                parts = pick(example)
                texts += parts
                signs += [2.0 * example.label - 1.0] * len(parts)
                weights += [example.weight * share[example.label]] * len(parts)
            rows = tfidf(self._network.lookup.matrix(texts), self._network.idf, self._network.floor)
            for array in (rows.data, rows.indices, rows.indptr, np.array(signs), np.array(weights)):
                np.save(file, array, allow_pickle=False)
        return chunks


def _read(file: IO[bytes], chunks: int, columns: int) -> Iterator[tuple[Any, Vector, Vector]]:
    from scipy.sparse import csr_matrix

    file.seek(0)
    for _ in range(chunks):
        data, indices, indptr, sign, weight = (np.load(file, allow_pickle=False) for _ in range(5))
        yield csr_matrix((data, indices, indptr), shape=(len(sign), columns)), sign, weight

"""Boosted trees go on learning: more trees on top of the old ones (LightGBM's ``init_model``)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.registry import ModelVersion
from models.text import lgbm
from models.text.artefacts import read_calibration, read_frequencies
from models.text.calibration import Calibration
from models.text.fit_lgbm import PARAMETERS
from models.text.windows import windows
from models.training.learner import Examples, Step
from models.training.lots import CALLS, pick

TREES = 60


class LgbmLearner:
    """Adds ``TREES`` trees over the n-grams that the model knows; new n-grams need a training from nothing."""

    def __init__(self, version: ModelVersion) -> None:
        import lightgbm

        self._df = read_frequencies(version.folder)
        booster = lightgbm.Booster(model_str=(version.folder / lgbm.TREES).read_text("utf-8"))
        with np.load(version.folder / lgbm.SCALES, allow_pickle=False) as arrays:
            index = {gram: place for place, gram in enumerate(self._df)}
            self._network = lgbm.Network(booster, index, arrays["idf"], float(arrays["floor"]))
        self.calibration = read_calibration(version.folder)

    def learn(self, examples: Examples, *, scratch: Path, step: Step, seed: int = 0) -> int:
        """Learn; LightGBM holds the counts in memory, about 2 kB a window, so ``scratch`` is not used."""
        import lightgbm
        from scipy.sparse import vstack

        del scratch
        known, rows, labels, weights, size = self._network, [], list[int](), list[float](), 0
        texts = list[str]()
        for size, example in enumerate(examples(), 1):
            parts = pick(example)
            texts += parts
            labels += [example.label] * len(parts)
            weights += [example.weight] * len(parts)
            if size % CALLS == 0:
                rows.append(known.matrix(texts))
                texts = []
        rows.append(known.matrix(texts))
        target, weight = np.array(labels), np.array(weights)
        mass = [float(weight[target == label].sum()) for label in (0, 1)]
        weight *= np.where(target == 1, 0.5 / max(mass[1], 1e-9), 0.5 / max(mass[0], 1e-9)) * sum(mass)
        booster = lightgbm.train(
            {**PARAMETERS, "seed": seed, "num_threads": 1},
            lightgbm.Dataset(vstack(rows).tocsr(), target, weight=weight, free_raw_data=False),
            num_boost_round=TREES,
            init_model=known.booster,
            callbacks=[lambda state: step(state.iteration - state.begin_iteration + 1)],
        )
        self._network = lgbm.Network(booster, known.index, known.idf, known.floor)
        return size

    def logits(self, text: str) -> NDArray[np.float64]:
        """Return the window logits of a normalised text, shape (windows,)."""
        return self._network.logits(self._network.matrix(windows(text) or [""]))

    def save(self, folder: Path, calibration: Calibration) -> None:
        """Write the artefact with the old trees and the new ones."""
        lgbm.save(folder, self._network, self._df, calibration)

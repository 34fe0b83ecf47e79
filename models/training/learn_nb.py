"""Naive Bayes goes on counting where its training ended (``partial_fit``)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRefused
from models.registry import ModelVersion
from models.text import nb
from models.text.artefacts import read_calibration, read_frequencies
from models.text.calibration import Calibration
from models.text.fit_nb import SMOOTHING, as_network
from models.text.ngrams import Lookup, packed
from models.text.windows import windows
from models.training.learner import Examples, Step
from models.training.lots import balance, lots, pick
from models.training.new_ngrams import grow


class NbLearner:
    """Adds the counts of new calls to those of the version; new frequent n-grams begin at zero."""

    def __init__(self, version: ModelVersion) -> None:
        """Read the version.

        Raises:
            ModelRefused: when it was made before counts were kept.
        """
        self._df = read_frequencies(version.folder)
        with np.load(version.folder / nb.WEIGHTS, allow_pickle=False) as arrays:
            if "counts" not in arrays:
                message = "this naive Bayes version keeps no counts to add to; train it anew with scripts.train_text"
                raise ModelRefused(message, version=version.name)
            counts = nb.Counts(arrays["counts"].astype(np.float64), arrays["windows"])
            index = {gram: place for place, gram in enumerate(self._df)}
            self._network = nb.Network(index, arrays["odds"], float(arrays["prior"]), counts)
            self._counts = counts
        self.calibration = read_calibration(version.folder)

    def learn(self, examples: Examples, *, scratch: Path, step: Step, seed: int = 0) -> int:
        """Count a lot of calls at a time; the order changes nothing, so nothing is drawn and nothing lies on disk."""
        from sklearn.naive_bayes import MultinomialNB

        del scratch, seed
        index, found = grow(self._network.index, examples)
        self._df |= found
        lookup = Lookup(packed(index))
        model = MultinomialNB(alpha=SMOOTHING)
        model.classes_, model.n_features_in_ = np.array([0, 1]), len(index)
        model.class_count_ = self._counts.windows.copy()
        model.feature_count_ = np.pad(self._counts.ngrams, ((0, 0), (0, len(found))))
        size, share = balance(examples())
        for number, lot in enumerate(lots(examples()), 1):
            parts = [(part, example) for example in lot for part in pick(example)]
            model.partial_fit(
                lookup.matrix([part for part, _ in parts]),
                [example.label for _, example in parts],
                sample_weight=[example.weight * share[example.label] for _, example in parts],
            )
            step(number)
        if size:
            self._network = as_network(index, model)
        return size

    def logits(self, text: str) -> NDArray[np.float64]:
        """Return the window logits of a normalised text, shape (windows,)."""
        return self._network.logits(windows(text) or [""])

    def save(self, folder: Path, calibration: Calibration) -> None:
        """Write the artefact with its counts."""
        nb.save(folder, self._network, self._df, calibration)

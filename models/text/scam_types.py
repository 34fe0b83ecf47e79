"""Which kind of scam a call is: TF-IDF over syllable n-grams and cue words, one weight a type. NumPy alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRefused
from models.registry import ModelVersion
from models.text.ngrams import ngrams, weigh
from models.text.normalise import normalise
from models.text.scam_cues import cue_vector

TYPE = "linear_types"
KIND = "scam_type"
TYPES = (
    "authority",
    "card_bank",
    "loan",
    "family",
    "messenger_delivery",
    "investment",
    "extortion",
    "purchase",
    "romance",
    "job",
    "refund",
    "other",
)
"""The financial authorities' kinds of scam, finer where our corpus is; see ``docs/models/scam_types.md``."""
UNNAMED = "other"
"""What fits no type: training learns it, callers are told nothing."""
VOCABULARY, WEIGHTS = "vocabulary.json", "weights.npz"


@dataclass(frozen=True, slots=True)
class TypeNetwork:
    """What training found, float32.

    ``idf`` (n,), ``coef`` (n, types), per cue ``cue_coef`` (``scam_cues.SIZE``, types); ``bias`` (types,).

    A text whose TF-IDF vector is shorter than ``floor`` is divided by ``floor``: a few syllables are little evidence.
    """

    types: tuple[str, ...]
    index: Mapping[str, int]
    idf: NDArray[np.float32]
    coef: NDArray[np.float32]
    cue_coef: NDArray[np.float32]
    bias: NDArray[np.float32]
    floor: float

    def probabilities(self, compact: str) -> NDArray[np.float64]:
        """Return the probability of each type for a normalised text, shape (types,), summing to 1."""
        logits = self.bias + cue_vector(compact).astype(np.float64) @ self.cue_coef
        found = Counter(gram for gram in ngrams(compact) if gram in self.index)
        if found:
            rows = np.fromiter((self.index[gram] for gram in found), np.int64, len(found))
            values = weigh(np.fromiter(found.values(), np.float32, len(found)), self.idf[rows]).astype(np.float64)
            length = max(float(np.linalg.norm(values)), self.floor)
            logits = logits + (values / length) @ self.coef[rows].astype(np.float64)
        odds = np.exp(logits - logits.max())
        return np.asarray(odds / odds.sum(), np.float64)


class ScamTypeModel:
    """A published version behind ``models.protocols.ScamTypes``. Holds no state, so any thread may call it."""

    def __init__(self, network: TypeNetwork, *, least: float, version: str) -> None:
        """Remember below which probability (0..1) a call's type stays unknown."""
        self._network, self._least = network, least
        self.version = version

    def name(self, transcript: str) -> str | None:
        """Return the most likely type; None when it is not likely enough, or none of the named ones."""
        probabilities = self._network.probabilities(normalise(transcript))
        best = int(np.argmax(probabilities))
        known = probabilities[best] >= self._least and self._network.types[best] != UNNAMED
        return self._network.types[best] if known else None


def save(folder: Path, network: TypeNetwork, df: Mapping[str, int]) -> None:
    """Write the artefact: n-grams with their call frequencies, weights. No pickle."""
    order = sorted(network.index, key=network.index.__getitem__)
    vocabulary = {"types": network.types, "ngrams": order, "df": [df[gram] for gram in order]}
    (folder / VOCABULARY).write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
    weights = {"idf": network.idf, "coef": network.coef, "cue_coef": network.cue_coef, "bias": network.bias}
    halves = {name: array.astype(np.float16) for name, array in weights.items()}
    np.savez_compressed(folder / WEIGHTS, **halves, floor=np.float64(network.floor))  # type: ignore[arg-type]


def load_scam_types(version: ModelVersion) -> ScamTypeModel:
    """Return the model of a verified version.

    Raises:
        core.errors.ModelRefused: when the version is of another kind or type.
    """
    if version.kind != KIND or version.manifest["type"] != TYPE:
        raise ModelRefused("not a scam-type model this release can load", version=version.name)
    vocabulary: dict[str, Any] = json.loads((version.folder / VOCABULARY).read_text("utf-8"))
    with np.load(version.folder / WEIGHTS, allow_pickle=False) as arrays:
        idf, coef, cues, bias = (arrays[name].astype(np.float32) for name in ("idf", "coef", "cue_coef", "bias"))
        floor = float(arrays["floor"])
    index = {gram: place for place, gram in enumerate(vocabulary["ngrams"])}
    network = TypeNetwork(tuple(vocabulary["types"]), index, idf, coef, cues, bias, floor)
    return ScamTypeModel(network, least=version.thresholds.danger, version=version.name)

"""One model from data to held-out logits and artefact, each made once and then read from disk."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from models import registry
from models.protocols import TextModel
from models.text import data, zoo
from models.text.evaluation import cache
from models.text.evaluation.heldout import HeldOut, judge
from models.text.evaluation.views import View, early_views, noise_views, own_words
from models.text.evaluation.witness import OPEN, OpenOnly, hold_out_with_views
from models.text.loso import Fold, Trainer
from models.text.noise import SttNoise
from models.text.samples import make_samples

QUICK_STEP = 8
"""A quick run takes every eighth call of a source; our corpus stays whole."""
MODULES = ("models.text.evaluation.witness", "models.text.evaluation.views", "models.text.data", "models.text.samples")
ZOO = "models.text.zoo"
TRAINED_IN = {"cnn_bilstm": "models.text.fit_cnn", "ensemble": ZOO}
"""Where a type is trained, when that is not ``models.text.fit_TYPE``; that code is part of the cache's name."""
Progress = Callable[[Sequence[Fold]], Iterable[Fold]]


@dataclass(frozen=True, slots=True)
class Material:
    """What every model is judged on: calls with samples, noise, views, and the settings that name them."""

    learned: zoo.Material
    noise: SttNoise
    views: Mapping[str, View]
    settings: Mapping[str, object]
    open_only: bool
    seed: int


def material(
    folder: Path, *, quick: bool = False, open_only: bool = False, checkpoint: Path | None = None, seed: int = 0
) -> Material:
    """Read the data folder and our own corpus; ``checkpoint`` is for the types that start from one."""
    calls = data.load_sources(folder) + data.load_corpus()
    if quick:
        calls = [call for i, call in enumerate(calls) if call.source == data.OWN or i % QUICK_STEP == 0]
    noise = SttNoise.learned(folder)
    learned = zoo.Material(calls, make_samples(calls, noise, seed=seed), quick=quick, checkpoint=checkpoint)
    settings = {"data": data.fingerprint(folder), "quick": quick, "open_only": open_only, "seed": seed}
    views = noise_views(noise, own_words()) | early_views()
    return Material(learned, noise, views, {**settings, "checkpoint": checkpoint}, open_only, seed)


class Run:
    """One type of model on the material; what is on disk under ``folder`` is not made again."""

    def __init__(self, kind: str, given: Material, folder: Path) -> None:
        self._kind, self._given = zoo.kind(kind), given
        settings = {**given.settings, "kind": kind, "zoo": registry.sha256(Path(str(zoo.__file__)))}
        self._path = folder / f"{kind}-{cache.key(settings, [*MODULES, trained_in(kind)])}"
        self.name = f"{kind} (open data)" if given.open_only else kind

    def held_out(self, progress: Progress = iter) -> HeldOut:
        """Return the held-out logits with the ruler of each source."""
        given, path = self._given, self._path.with_suffix(".npz")
        calls = given.learned.calls
        if not path.is_file():
            learner = OpenOnly(self._trainer, calls) if given.open_only else self._trainer
            cache.save(
                path, hold_out_with_views(learner, calls, given.noise, given.views, progress=progress, seed=given.seed)
            )
        return judge(calls, cache.load(path), open_only=given.open_only, seed=given.seed)

    def served(self, what: HeldOut) -> tuple[TextModel, Path]:
        """Return the model learned from all calls it may learn from, as it would be served, and its folder."""
        calls, seed = self._given.learned.calls, self._given.seed
        if not self._path.is_dir():
            building = self._path.with_suffix(".part")
            building.mkdir(parents=True, exist_ok=True)
            usable = [i for i, call in enumerate(calls) if not self._given.open_only or call.source in OPEN]
            network = self._trainer.fit(usable, seed=seed)
            self._kind.save(building, self._trainer, network, self._given.learned, what.single.calibration)
            building.rename(self._path)
        return self._kind.load(self._path, self.name, what.single.active), self._path

    @cached_property
    def _trainer(self) -> Trainer:
        return self._kind.trainer(self._given.learned)


def trained_in(kind: str) -> str:
    """Return the module whose code, with all it imports, makes the held-out logits of a type."""
    name = TRAINED_IN.get(kind, f"models.text.fit_{kind}")
    return name if importlib.util.find_spec(name) is not None else ZOO

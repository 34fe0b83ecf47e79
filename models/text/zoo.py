"""Every type of text model: how its trainer is made, how its artefact is written and read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from core.errors import ModelRefused
from core.types import Thresholds
from models.protocols import TextModel
from models.text import cnn_bilstm, ensemble, kobert, lgbm, linear, nb
from models.text.calibration import Calibration
from models.text.counts import CountTable, call_frequencies
from models.text.data import Call
from models.text.loso import Trainer
from models.text.samples import Sample

ENSEMBLE_OF = (linear.TYPE, nb.TYPE, lgbm.TYPE)


@dataclass(frozen=True)
class Material:
    """What trainers learn from. Trainers of one material share its counts.

    ``quick`` asks for a small run; ``checkpoint`` is the folder of the pretrained network that ``kobert`` starts from;
    ``members`` are the types an ensemble is made of.
    """

    calls: Sequence[Call]
    samples: Sequence[Sample]
    quick: bool = False
    checkpoint: Path | None = None
    members: Sequence[str] = ENSEMBLE_OF
    _shared: dict[str, CountTable] = field(default_factory=dict, repr=False)

    @property
    def counts(self) -> CountTable:
        """n-gram counts of the calls and samples, made when first asked for."""
        if "counts" not in self._shared:
            self._shared["counts"] = CountTable(self.calls, self.samples)
        return self._shared["counts"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One type: ``trainer(material)``, ``save(folder, trainer, network, material, calibration)`` and ``load``."""

    trainer: Callable[[Material], Trainer]
    save: Callable[[Path, Any, Any, Material, Calibration], None]
    load: Callable[[Path, str, Thresholds], TextModel]


def kind(name: str) -> Kind:
    """Return the type of that name.

    Raises:
        ModelRefused: when there is none.
    """
    if name not in KINDS:
        raise ModelRefused("not a type of text model this release knows", type=name)
    return KINDS[name]


def _linear(material: Material) -> Trainer:
    from models.text.fit_linear import LinearTrainer

    return LinearTrainer(material.counts)


def _nb(material: Material) -> Trainer:
    from models.text.fit_nb import NbTrainer

    return NbTrainer(material.counts)


def _lgbm(material: Material) -> Trainer:
    from models.text.fit_lgbm import LgbmTrainer

    return LgbmTrainer(material.counts, trees=50 if material.quick else 300)


def _cnn(material: Material) -> Trainer:
    from models.text.fit_cnn import CnnTrainer

    return CnnTrainer(material.calls, material.samples, drawn=640 if material.quick else 10_000)


def _kobert(material: Material) -> Trainer:
    from models.text.fit_kobert import KobertTrainer

    if material.checkpoint is None:
        raise ModelRefused("kobert starts from a pretrained network: name its folder")
    drawn = 64 if material.quick else 10_000
    return KobertTrainer(material.calls, material.samples, material.checkpoint, drawn=drawn)


def _ensemble(material: Material) -> Trainer:
    from models.text.fit_ensemble import EnsembleTrainer

    return EnsembleTrainer(material.calls, [kind(name).trainer(material) for name in material.members])


def _save_linear(folder: Path, _trainer: Any, network: Any, material: Material, calibration: Calibration) -> None:
    from models.text.fit_linear import slim

    small = slim(network)
    linear.save(folder, small, call_frequencies(small.ngrams.tolist(), _texts(material)), calibration)


def _save_counted(
    folder: Path,
    _trainer: Any,
    network: Any,
    material: Material,
    calibration: Calibration,
    *,
    save: Callable[..., None],
) -> None:
    save(folder, network, call_frequencies(list(network.index), _texts(material)), calibration)


def _save_cnn(folder: Path, _trainer: Any, network: Any, _material: Material, calibration: Calibration) -> None:
    cnn_bilstm.save(folder, network.model, network.df, calibration)


def _save_kobert(folder: Path, _trainer: Any, network: Any, _material: Material, calibration: Calibration) -> None:
    kobert.save(folder, network, calibration)


def _save_ensemble(folder: Path, trainer: Any, network: Any, material: Material, calibration: Calibration) -> None:
    parts = zip(trainer.members, network.networks, network.calibrations, strict=True)
    writers = {
        member.name: partial(_save_member, member=member, network=part, material=material, calibration=own)
        for member, part, own in parts
    }
    ensemble.save(folder, writers, network.weights, calibration)


def _save_member(folder: Path, *, member: Trainer, network: Any, material: Material, calibration: Calibration) -> None:
    kind(member.name).save(folder, member, network, material, calibration)


def _texts(material: Material) -> list[str]:
    return [call.text for call in material.calls]


def _load_ensemble(folder: Path, version: str, thresholds: Thresholds) -> TextModel:
    return ensemble.load(folder, version, thresholds, loaders={name: kind.load for name, kind in KINDS.items()})


KINDS: Mapping[str, Kind] = {
    linear.TYPE: Kind(_linear, _save_linear, linear.load),
    nb.TYPE: Kind(_nb, partial(_save_counted, save=nb.save), nb.load),
    lgbm.TYPE: Kind(_lgbm, partial(_save_counted, save=lgbm.save), lgbm.load),
    cnn_bilstm.TYPE: Kind(_cnn, _save_cnn, cnn_bilstm.load),
    kobert.TYPE: Kind(_kobert, _save_kobert, kobert.load),
    ensemble.TYPE: Kind(_ensemble, _save_ensemble, _load_ensemble),
}

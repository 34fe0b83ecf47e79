"""Train as often as it takes to judge everything unheard; keep window logits, from which all figures follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.thresholds import Table
from models.voice import folds
from models.voice.blending import Blend, blend, blended, calibrated, thresholds
from models.voice.calibration import Calibration
from models.voice.dataset import Heard
from models.voice.judging import Scores
from models.voice.members.protocol import Kind
from models.voice.train import HeldOut, held_out, weighting


@dataclass(frozen=True, slots=True)
class Judged:
    """Clips and the ensemble's window logits: speaker unheard, source unheard, {family: family and speaker unheard}.

    ``korean`` are genuine pieces, ``korean_logits`` theirs by members trained on everything else.
    """

    heard: Sequence[Heard]
    speakers: Sequence[Scores | None]
    sources: Sequence[Scores | None]
    families: Mapping[str, Sequence[Scores | None]]
    korean: Sequence[Heard]
    korean_logits: Sequence[Scores | None]
    blend: Blend
    weighting: Mapping[str, float]
    calibration: Calibration
    thresholds: Table


def evaluate(
    heard: Sequence[Heard],
    korean: Sequence[Heard],
    kinds: Mapping[str, Kind],
    *,
    seed: int,
    bar: folds.Bar,
    known: HeldOut | None = None,
) -> Judged:
    """Return everything that is known of an ensemble of ``kinds`` on clips it never heard.

    ``known`` is what ``held_out`` gives for the same clips, members and seed, when it was asked already.
    """
    known = known or held_out(heard, kinds, seed=seed, bar=bar)
    mixture = blend(heard, known.speakers, kinds)
    speakers, sources = (blended(mixture.parts, own) for own in (known.speakers, known.sources))
    calibration = calibrated(heard, [own for own in speakers if own is not None])
    families = next(iter(known.families.values()))
    whole = (
        {name: folds.score(folds.fit(kind, heard, seed=seed), kind, korean) for name, kind in kinds.items()}
        if korean
        else {name: [] for name in kinds}
    )
    return Judged(
        heard=heard,
        speakers=speakers,
        sources=sources,
        families={f: blended(mixture.parts, {n: own[f] for n, own in known.families.items()}) for f in families},
        korean=korean,
        korean_logits=blended(mixture.parts, whole),
        blend=mixture,
        weighting=weighting(heard, known.speakers, kinds),
        calibration=calibration,
        thresholds=thresholds(heard, [own for own in sources if own is not None], calibration),
    )

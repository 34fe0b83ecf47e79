"""Everything one model is reported with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.text.evaluation import early, rows
from models.text.evaluation.heldout import HeldOut
from models.text.evaluation.intervals import Estimate, estimate
from models.text.evaluation.metrics import confusion
from models.text.evaluation.plots import decisions
from models.text.judge import SET_ASIDE, quality

Table = Mapping[str, Mapping[str, Estimate]]


@dataclass(frozen=True, slots=True)
class Result:
    """``sources`` and ``early`` by source (and "all"), ``times`` by source; ``counts`` is (scam, normal) calls."""

    name: str
    counts: Mapping[str, tuple[int, int]]
    sources: Table
    early: Table
    times: Table
    decided: Mapping[str, float]
    quality: float
    megabytes: float
    milliseconds: float


def result(what: HeldOut, name: str, *, megabytes: float, milliseconds: float, seed: int = 0) -> Result:
    """Work out all figures of one model."""
    by_source = rows.by_source(what, seed=seed)
    rates, times = early.by_source(what, seed=seed)
    counts: dict[str, tuple[int, int]] = {}
    for source in what.sources:
        scam = int(what.labels(what.own(source)).sum())
        counts[source] = scam, len(what.own(source)) - scam
    counting = [pair for source, pair in counts.items() if source not in SET_ASIDE]
    counts[rows.ALL] = sum(scam for scam, _ in counting), sum(normal for _, normal in counting)
    sources = _estimates(by_source)
    return Result(
        name=name,
        counts=counts,
        sources=sources,
        early=_estimates(rates),
        times=times,
        decided=confusion(*decisions(what))[1],
        quality=_quality(sources, counts),
        megabytes=megabytes,
        milliseconds=milliseconds,
    )


def _estimates(table: Mapping[str, rows.Draws]) -> dict[str, dict[str, Estimate]]:
    return {source: {name: estimate(drawn) for name, drawn in row.items()} for source, row in table.items()}


def _quality(sources: Table, counts: Mapping[str, tuple[int, int]]) -> float:
    """Return the figure that chooses the winner in training (``judge.quality``)."""
    table = {}
    for source, row in sources.items():
        if source != rows.ALL:
            row_counts = {"scam": float(counts[source][0]), "normal": float(counts[source][1])}
            renamed = {f"{r}_danger": row[r].value for r in ("recall", "fpr") if r in row}
            noisy = {f"{r}_danger_noisy": row[f"{r}_{rows.SYLLABLES}"].value for r in ("recall", "fpr") if r in row}
            table[source] = row_counts | renamed | noisy
    return quality(table)

"""Trials of members as Markdown: one row each, then the shipped ensemble with and without the best detector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from models.voice.blending import CALL_S
from models.voice.dataset import LINES, Heard
from models.voice.evaluation.compare import Divided, Together, Trial, together
from models.voice.evaluation.contenders import ONE_CLASS
from models.voice.evaluation.report import markdown, rate
from models.voice.judging import Scores, calls, eer, on_line

SHIPPED = ("trees", "whisper", "kernel")
SHORT_S = 3.0
TEN = f"EER {CALL_S:g} s"
ERRORS = (f"EER {SHORT_S:g} s", TEN, f"{TEN}, families left out")
HEAD = (
    "member",
    "kind",
    *ERRORS,
    *(f"{TEN}, {line}" for line in LINES),
    f"{TEN}, with the shipped",
    "s to learn",
    "MB",
    "ms a window",
)


def tables(divided: Divided, trials: Sequence[Trial]) -> str:
    """Return what was learned and judged, the members by their EER at 10 s, and the ensembles."""
    ordered = sorted(trials, key=lambda one: np.nan_to_num(_ten(divided.judged, one.known), nan=1.0))
    shipped = [one for name in SHIPPED for one in trials if one.name == name]
    trio = shipped if len(shipped) == len(SHIPPED) else []
    parts = [_clips(divided, trials[0]), markdown(HEAD, (_row(divided, one, trio) for one in ordered))]
    best = next((one for one in ordered if one.sort == ONE_CLASS), None)
    both = [together(divided, own) for own in (trio, [*trio, best])] if trio and best else []
    if rows := [_ensemble(divided, whole) for whole in both if whole]:
        parts.append(markdown(("ensemble", *ERRORS, "weights"), rows))
    return "\n\n".join(parts)


def _clips(divided: Divided, any_one: Trial) -> str:
    judged = calls(divided.judged, any_one.known, length_s=CALL_S)
    unheard = calls(divided.unheard, any_one.unheard, length_s=CALL_S)
    genuine = sum(not call.altered for call in judged)
    return (
        f"Learned: {len(divided.learned)} versions of clips, {sum(map(len, divided.learned))} windows"
        f" ({sum(len(part) for part in divided.learned if not part.altered)} genuine);"
        f" without the families left out {sum(map(len, divided.learned_part))} windows."
        f" Judged: {genuine} genuine calls of {CALL_S:g} s, {len(judged) - genuine} of known families,"
        f" {sum(call.altered for call in unheard)} of those left out: {', '.join(divided.left_out)}."
    )


def _row(divided: Divided, one: Trial, trio: Sequence[Trial]) -> Sequence[str]:
    lines = [_ten(divided.judged, on_line(divided.judged, one.known, line)) for line in LINES]
    more = None if one in trio or not trio else together(divided, [*trio, one])
    return (
        f"`{one.name}`",
        one.sort,
        *_errors(divided, one),
        *map(rate, lines),
        rate(_ten(divided.judged, more.known) if more else np.nan),
        f"{one.seconds:.1f}",
        f"{one.megabytes:.2f}",
        f"{one.milliseconds:.3f}",
    )


def _ensemble(divided: Divided, whole: Together) -> Sequence[str]:
    parts = whole.blend.parts
    names = ", ".join(f"`{part.name}`" for part in parts)
    return names, *_errors(divided, whole), ", ".join(f"{part.weight:.2f}" for part in parts)


def _errors(divided: Divided, told: Trial | Together) -> Iterator[str]:
    yield rate(eer(calls(divided.judged, told.known, length_s=SHORT_S)))
    yield rate(_ten(divided.judged, told.known))
    yield rate(_ten(divided.unheard, told.unheard))


def _ten(heard: Sequence[Heard], logits: Sequence[Scores | None]) -> float:
    return eer(calls(heard, logits, length_s=CALL_S))

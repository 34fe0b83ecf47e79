"""What a version's manifest says of itself, as Markdown: the tables of the model card."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models.voice.evaluation.report import markdown, rate
from models.voice.train import LENGTHS_S

ERRORS = tuple(f"{s:g} s" for s in LENGTHS_S)
Table = Mapping[str, Mapping[str, float | None]]


def tables(manifest: Mapping[str, Any]) -> str:
    """Return every held-out figure that ``models.voice.train`` wrote into a manifest."""
    told = manifest["metrics"]
    members = ((name, rate(own["DE"]), rate(own["RE"])) for name, own in told["members"].items())
    borders = manifest["thresholds"][manifest["threshold_method"]]
    parts = [
        "### Members, 10 s, speaker unheard, each at its own calibrated half",
        markdown(("member", "DE", "RE"), members),
        "### Members and weights, EER at 10 s, speaker unheard",
        markdown(("member or weighting", "EER"), ((name, rate(own)) for name, own in told["weighting"].items())),
        "### By attack, speaker unheard, EER",
        markdown(("attack", *ERRORS), _errors(told["held_out_speakers"])),
        "### Family left out, EER",
        markdown(("family", *ERRORS), [*_errors(told["eer_family_left_out"]), _mean(told["eer_family_left_out"])]),
        f"### Genuine (caution {borders['caution']:.3f}, danger {borders['danger']:.3f}): source left out, then Korean",
        markdown(("source", "pieces", "graded 2", "graded 1"), _graded(told["genuine_source_left_out"])),
        markdown(("codec", "pieces", "graded 2", "graded 1"), _graded(told["genuine_korean"])),
    ]
    return "\n\n".join(parts)


def _errors(table: Table) -> Iterable[Sequence[str]]:
    for name, own in table.items():
        yield name, *(rate(_number(own.get(length))) for length in ERRORS)


def _mean(table: Table) -> Sequence[str]:
    """Return the mean of each length over the families that can be told at it, and how many those are."""
    row = ["**mean**"]
    for length in ERRORS:
        known = [value for value in (_number(own.get(length)) for own in table.values()) if not math.isnan(value)]
        row.append(f"{rate(sum(known) / len(known))} of {len(known)}" if known else rate(math.nan))
    return row


def _graded(table: Table) -> Iterable[Sequence[str]]:
    for name, own in table.items():
        yield name, f"{own['pieces']:.0f}", rate(_number(own["grade_2"])), rate(_number(own["grade_1"]))


def _number(value: float | None) -> float:
    return math.nan if value is None else value

"""Markdown tables of results."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from models.text.evaluation import early
from models.text.evaluation.claims import falls_short, verdicts
from models.text.evaluation.intervals import Estimate
from models.text.evaluation.result import Result
from models.text.evaluation.rows import ALL, SYLLABLES

REASONS = Path(__file__).with_name("reasons.json")
"""{source: why it is hard}; shown where a source falls short."""
NOTHING = "–"
MISSED = "**✗**"
NOISES = {"wer20": "20 % of words", "wer30": "30 % of words", SYLLABLES: "20 % of syllables"}


def comparison(results: Sequence[Result]) -> str:
    """Return one row per model: quality over all sources, size and speed."""
    head = ["model", "quality", "recall", "false alarms", "AUROC", "ECE", "Brier", "recall, 200 characters"]
    head += ["accuracy", "macro precision", "macro recall", "macro F1", "MB", "ms for 10 minutes"]
    lines = []
    for one in results:
        total = one.sources[ALL]
        figures = [cell(total[name]) for name in ("recall", "fpr", "auroc", "ece", "brier")]
        decided = [f"{one.decided[name]:.3f}" for name in ("accuracy", "precision", "recall", "f1")]
        first = cell(one.early[ALL]["recall_first200"])
        size = [f"{one.megabytes:.1f}", f"{one.milliseconds:.0f}"]
        lines.append([f"`{one.name}`", f"{one.quality:.3f}", *figures, first, *decided, *size])
    return table(head, lines)


def side_by_side(results: Sequence[Result]) -> str:
    """Return recall / false alarms of every model on every source."""
    lines = []
    for source in results[0].sources:
        pairs = [one.sources[source] for one in results]
        shown = [" / ".join(_value(row.get(name)) for name in ("recall", "fpr")) for row in pairs]
        lines.append([source, *shown])
    return table(["source held out", *(f"`{one.name}`" for one in results)], lines)


def required(results: Sequence[Result]) -> str:
    """Return what must be shown beside the worst value of every model and how many sources keep the border."""
    columns = [verdicts(one) for one in results]
    lines = []
    for row in zip(*columns, strict=True):
        claim = row[0].claim
        lines.append([claim.text, f"{'≥' if claim.least else '≤'} {claim.border:g}"])
        for verdict in row:
            where = f" ({verdict.source}; {verdict.kept} of {verdict.of} keep it)" if verdict.source else ""
            mark = "" if claim.met(verdict.worst) else f" {MISSED}"
            lines[-1].append(f"{verdict.worst:.3g}{where}{mark}")
    return table(["must show", "border", *(f"`{one.name}`, worst" for one in results)], lines)


def sources(found: Result) -> str:
    """Return recall, false alarms and calibration by source, with 95 % intervals; what falls short is marked."""
    reasons = json.loads(REASONS.read_text("utf-8"))
    lines = []
    for source, row in found.sources.items():
        marked = falls_short(row)
        figures = [cell(row.get(name)) for name in ("recall", "fpr", "auroc", "ece", "brier")]
        single = [_value(row.get(name)) for name in ("recall_single", "fpr_single")]
        why = reasons.get(re.sub(r"_\d$", "", source), NOTHING) if marked else ""
        mark = f"{source} {MISSED}" if marked else source
        lines.append([mark, *(str(count) for count in found.counts[source]), *figures, *single, why])
    head = ["source held out", "scam", "normal", "recall", "false alarms", "AUROC", "ECE", "Brier"]
    return table([*head, "recall, one threshold", "false alarms, one threshold", "why it falls short"], lines)


def noise(found: Result) -> str:
    """Return recall and false alarms on noisy copies, and how they changed on the same calls."""
    head = ["source held out"]
    head += [f"{rate}, {name} wrong (change)" for name in NOISES.values() for rate in ("recall", "false alarms")]
    lines = []
    for source, row in found.sources.items():
        cells = []
        for view in NOISES:
            for rate in ("recall", "fpr"):
                change = row.get(f"{rate}_change_{view}")
                cells.append(
                    NOTHING if change is None else f"{row[f'{rate}_{view}'].value:.3f} ({cell(change, sign='+')})"
                )
        lines.append([source, *cells])
    return table(head, lines)


def beginnings(found: Result) -> str:
    """Return recall / false alarms at each checkpoint and the median time to detection."""
    names = [*early.names(), "ever"]
    head = ["source held out", *(_spoken(name) for name in names), "median characters", "median seconds"]
    lines = []
    for source, row in found.early.items():
        shown = [" / ".join(_value(row.get(f"{rate}_{name}")) for rate in ("recall", "fpr")) for name in names]
        times = found.times.get(source, {})
        lines.append([source, *shown, *(cell(times.get(unit), form=".0f") for unit in ("characters", "seconds"))])
    return table(head, lines)


def cell(figure: Estimate | None, *, form: str = ".3f", sign: str = "") -> str:
    """Return a figure with its interval; a dash when there is none, "never" when it is infinite."""
    if figure is None or math.isnan(figure.value):
        return NOTHING
    value, low, high = (format(x, sign + form) if math.isfinite(x) else "never" for x in _three(figure))
    return value if value == low == high else f"{value} [{low}, {high}]"


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; every column but the first is set right."""
    rule = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *lines])


def _three(figure: Estimate) -> tuple[float, float, float]:
    return figure.value, figure.low, figure.high


def _value(figure: Estimate | None) -> str:
    return NOTHING if figure is None or math.isnan(figure.value) else f"{figure.value:.3f}"


def _spoken(name: str) -> str:
    if name.startswith("first"):
        return f"{name.removeprefix('first')} characters"
    return {"end": "whole call", "ever": "at any checkpoint"}.get(name) or f"{name.removeprefix('chunk')} × 120 s"

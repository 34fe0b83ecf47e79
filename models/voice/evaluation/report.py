"""The figures as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from models.voice.calibration import sigmoid
from models.voice.codecs import CODECS
from models.voice.ensemble import error_rates
from models.voice.evaluation.run import Judged
from models.voice.judging import Call, calls, cost, eer, on_line, split_scores
from models.voice.train import LENGTHS_S, THRESHOLD_METHOD, grades

Rows = Iterable[Sequence[str]]


def write(judged: Judged, out: Path) -> None:
    """Write the whole report as ``report.md`` into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.md").write_text(full(judged), "utf-8")


def full(judged: Judged) -> str:
    """Return the whole report."""
    parts = [
        "# Voice members on voices they never heard",
        summary(judged),
        "## By attack, speaker unheard",
        _by(judged, lambda call: call.attack),
        "## By source of genuine speech, source unheard",
        _sources(judged),
        "## By attack and codec, speaker unheard, EER at 3 s",
        _codecs(judged),
        "## Worst speakers, 10 s: share of windows' mean logit above zero",
        _speakers(judged),
    ]
    return "\n\n".join(parts) + "\n"


def summary(judged: Judged) -> str:
    """Return the figures one looks at first."""
    borders = judged.thresholds[THRESHOLD_METHOD]
    parts = [
        "## All attacks, speaker unheard",
        markdown(("speech", "calls", "EER", "DE", "RE", "cost"), _lengths(judged)),
        "## At the active thresholds, source of genuine speech unheard",
        markdown(
            ("speech", "genuine graded 2", "genuine 1 or 2", "altered graded 2", "altered 1 or 2"), _graded(judged)
        ),
        "## By line, speaker unheard, EER",
        markdown(("line", *(f"{s:g} s" for s in LENGTHS_S)), _lines(judged)),
        "## Members and weights, EER at 10 s",
        markdown(("member or weighting", "EER"), ((name, rate(own)) for name, own in judged.weighting.items())),
        "## Family left out, EER",
        markdown(("family", *(f"{s:g} s" for s in LENGTHS_S)), _families(judged)),
    ]
    if judged.korean:
        table = grades(judged.korean, judged.korean_logits, judged.calibration, borders, by="codec")
        rows = [(key, f"{row['pieces']:.0f}", rate(row["grade_2"]), rate(row["grade_1"])) for key, row in table.items()]
        parts += [
            f"## Genuine Korean, 30-s pieces (caution {borders['caution']:.3f}, danger {borders['danger']:.3f})",
            markdown(("codec", "pieces", "graded 2", "graded 1"), rows),
        ]
    return "\n\n".join(parts)


def _lengths(judged: Judged) -> Rows:
    for length_s in LENGTHS_S:
        found = calls(judged.heard, judged.speakers, length_s=length_s)
        both = len({c.altered for c in found}) == 2
        de, re = _rates(found) if both else (np.nan, np.nan)
        yield f"{length_s:g} s", str(len(found)), rate(eer(found)), rate(de), rate(re), rate(cost(found))


def _lines(judged: Judged) -> Rows:
    for line in sorted({part.line for part in judged.heard}):
        logits = on_line(judged.heard, judged.speakers, line)
        yield line or "–", *(rate(eer(calls(judged.heard, logits, length_s=s))) for s in LENGTHS_S)


def _graded(judged: Judged) -> Rows:
    """Yield shares of calls at or above the borders, which were set on the genuine calls of 10 s of this very table."""
    borders, line = judged.thresholds[THRESHOLD_METHOD], judged.calibration
    for length_s in LENGTHS_S:
        both = split_scores(calls(judged.heard, judged.sources, length_s=length_s))
        scores = [sigmoid(line.call_slope * logits + line.call_offset) for logits in both]
        shares = [float(np.mean(own >= borders[name])) for own in scores for name in ("danger", "caution")]
        yield f"{length_s:g} s", *map(rate, shares)


def _rates(found: Sequence[Call]) -> tuple[float, float]:
    return error_rates([c.logit for c in found], [c.altered for c in found], 0.0)


def _families(judged: Judged) -> Rows:
    columns = []
    for family, logits in judged.families.items():
        rates = [eer(calls(judged.heard, logits, length_s=s)) for s in LENGTHS_S]
        columns.append(rates)
        yield family, *map(rate, rates)
    yield "**mean**", *(rate(float(np.nanmean(column))) for column in np.array(columns).T)


def _by(judged: Judged, key: Callable[[Call], str]) -> str:
    found = {s: calls(judged.heard, judged.speakers, length_s=s) for s in LENGTHS_S}
    names = sorted({key(c) for c in found[LENGTHS_S[0]] if c.altered})
    rows = [
        (name, *(rate(eer([c for c in found[s] if not c.altered or key(c) == name])) for s in LENGTHS_S))
        for name in names
    ]
    return markdown(("attack", *(f"{s:g} s" for s in LENGTHS_S)), rows)


def _sources(judged: Judged) -> str:
    found = {s: calls(judged.heard, judged.sources, length_s=s) for s in LENGTHS_S}
    names = sorted({c.source for c in found[LENGTHS_S[0]] if not c.altered})
    rows = [
        (name, *(rate(eer([c for c in found[s] if c.altered or c.source == name])) for s in LENGTHS_S))
        for name in names
    ]
    return markdown(("source", *(f"{s:g} s" for s in LENGTHS_S)), rows)


def _codecs(judged: Judged) -> str:
    found = calls(judged.heard, judged.speakers, length_s=LENGTHS_S[0])
    names = sorted({c.attack for c in found if c.altered})
    rows = []
    for name in names:
        of_it = [c for c in found if not c.altered or c.attack == name]
        rows.append((name, *(rate(eer([c for c in of_it if codec in c.codecs])) for codec in CODECS)))
    return markdown(("attack", *CODECS), rows)


def _speakers(judged: Judged) -> str:
    found = [c for c in calls(judged.heard, judged.speakers, length_s=10.0) if not c.altered]
    by_speaker: dict[str, list[float]] = {}
    for call in found:
        by_speaker.setdefault(call.split, []).append(float(call.logit >= 0.0))
    worst = sorted(by_speaker.items(), key=lambda item: -float(np.mean(item[1])))[:20]
    rows = [(name, str(len(flags)), rate(float(np.mean(flags)))) for name, flags in worst]
    return markdown(("genuine speaker", "calls", "called altered"), rows)


def markdown(head: Sequence[str], rows: Rows) -> str:
    """Return a table whose first column is words and whose others are numbers."""
    lines = [f"| {' | '.join(head)} |", f"|---|{'--:|' * (len(head) - 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def rate(value: float) -> str:
    """Return a share in three digits, a dash when it cannot be told."""
    return "–" if np.isnan(value) else f"{value:.3f}"

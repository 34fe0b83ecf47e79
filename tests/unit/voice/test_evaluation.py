from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.voice.evaluation import plots, report
from models.voice.evaluation.run import Judged, evaluate
from models.voice.members.boosting import Boosting
from tests.unit.voice.heard import clip, clips


def bar(items: Iterable[Any], **_: Any) -> Iterable[Any]:
    return items


@pytest.fixture(scope="module")
def judged() -> Judged:
    korean = [clip("genuine", "genuine", "genuine_ko", f"genuine_ko/{i}", seed=i) for i in range(4)]
    return evaluate(clips(240), korean, {"few": Boosting(trees=20), "more": Boosting(trees=40)}, seed=1, bar=bar)


def test_voices_that_differ_are_told_apart_unheard(judged: Judged) -> None:
    first = report.summary(judged).splitlines()
    ten = next(line for line in first if line.startswith("| 10 s"))
    assert float(ten.split("|")[3]) < 0.05


def test_the_report_has_every_attack_family_source_and_codec(judged: Judged) -> None:
    text = report.full(judged)
    for word in ("world_a", "lpc_a", "| world |", "**mean**", "genuine_crowd", "mulaw", "ensemble: error_rates"):
        assert word in text, word
    assert "| mulaw | 4 |" in text  # Korean pieces by codec


def test_lines_are_told_apart_in_the_report(judged: Judged) -> None:
    flipped = [
        -own if part.line == "wide" and own is not None else own
        for part, own in zip(judged.heard, judged.speakers, strict=True)
    ]
    text = report.summary(replace(judged, speakers=flipped))
    rates = {
        name: float(next(row for row in text.splitlines() if row.startswith(f"| {name} |")).split("|")[2])
        for name in ("codec alone", "wide")
    }
    assert rates["codec alone"] < 0.1
    assert rates["wide"] > 0.9


def test_plots_are_written(judged: Judged, tmp_path: Path) -> None:
    plots.draw(judged, tmp_path)
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in ("det.png", "scores.png"))


def test_errors_fall_and_rise_with_the_threshold() -> None:
    alarm, miss = plots.errors(np.array([0.0, 1.0, 2.0]), np.array([1.5, 3.0]))
    assert (np.diff(alarm) <= 0).all()
    assert (np.diff(miss) >= 0).all()

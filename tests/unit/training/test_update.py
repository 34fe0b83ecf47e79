"""The whole of an update on a small model: what is promoted, and what is not."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from core.types import Thresholds
from models.registry import ModelVersion
from models.text.loading import load_text_model
from models.training import update
from models.training.describe import figures, manifest_of, summary_of
from models.training.evidence import PERSON, TEST, TRAIN, TUNE, Example
from models.training.learner import open_learner
from models.training.report import FILE, write_report
from models.training.spool import Spool
from models.training.update import NEW, Outcome
from tests.unit.training.examples import CALM, NEW_SCAM, SCAM, call, publish_small

FROZEN = [call(kind, number) for number in range(40) for kind in (SCAM, CALM)]


@pytest.fixture
def version(tmp_path: Path) -> ModelVersion:
    return publish_small(tmp_path / "store")


def run(
    version: ModelVersion,
    folder: Path,
    *,
    flipped: bool = False,
    wrong: int = 0,
    parts: tuple[str, ...] = (TRAIN, TUNE, TEST),
) -> Outcome:
    with Spool(folder) as spool:
        for number in range(400):
            made = call((CALM, NEW_SCAM, CALM, SCAM)[number % 4], 1000 + number)
            part = parts[(0, 0, 1, 2)[number // 4 % 4] % len(parts)]
            mistaken = flipped or (wrong > 0 and number % wrong == 0)
            spool.add(Example(made.id, made.text, made.label ^ mistaken, 1.0, PERSON, part))
        return update.run(
            version,
            load_text_model(version),
            open_learner(version),
            spool,
            frozen=FROZEN,
            recent=[call(SCAM, 3).text] * 30,
            margin=0.02,
            scratch=folder,
            step=lambda _: None,
        )


def manifest(outcome: Outcome) -> dict[str, object]:
    from datetime import UTC, datetime

    return manifest_of(
        outcome,
        reasons=outcome.reasons,
        files={},
        rows={"rows": 400},
        wanted={"line": "default"},
        read_at=datetime(2026, 1, 1, tzinfo=UTC),
        margin=0.02,
    )


def test_good_evidence_is_promoted_and_the_new_kind_is_recognised(version: ModelVersion, tmp_path: Path) -> None:
    outcome = run(version, tmp_path)
    assert outcome.reasons == ()
    assert outcome.calibrated_anew
    assert {one.source for one in outcome.judged} == {"frozen", NEW}
    (new,) = (one for one in outcome.judged if one.source == NEW)
    assert new.difference.mean > 0.1
    assert "promoted" in summary_of(outcome, ())


def test_a_few_wrong_labels_do_not_flatten_the_scores(version: ModelVersion, tmp_path: Path) -> None:
    clean, mistaken = run(version, tmp_path), run(version, tmp_path, wrong=21)
    assert mistaken.calibrated_anew
    assert mistaken.calibration.top + mistaken.calibration.mean == pytest.approx(
        clean.calibration.top + clean.calibration.mean, rel=0.15
    )


def test_exchanged_labels_are_not_promoted_and_both_guards_say_so(version: ModelVersion, tmp_path: Path) -> None:
    outcome = run(version, tmp_path, flipped=True)
    assert any(reason.startswith("worse on frozen") for reason in outcome.reasons)
    assert any("exchanged" in reason for reason in outcome.reasons)
    assert "kept as candidate" in summary_of(outcome, outcome.reasons)


def test_without_held_out_calls_calibration_and_borders_stay(version: ModelVersion, tmp_path: Path) -> None:
    outcome = run(version, tmp_path, parts=(TRAIN,))
    assert not outcome.calibrated_anew
    assert outcome.table == version.manifest["thresholds"]
    assert {one.source for one in outcome.judged} == {"frozen"}


def test_drift_is_unknown_the_first_time_and_known_afterwards(version: ModelVersion, tmp_path: Path) -> None:
    outcome = run(version, tmp_path)
    assert (outcome.drift.index, outcome.drift.verdict, outcome.drift.calls) == (None, "unknown", 30)
    assert sum(outcome.histogram) == 30


def test_the_manifest_is_json_and_the_report_stands_alone_and_quotes_no_call(
    version: ModelVersion, tmp_path: Path
) -> None:
    outcome = run(version, tmp_path, flipped=True)
    full = manifest(outcome)
    text = json.dumps(full, ensure_ascii=False)
    write_report(tmp_path, outcome, full)
    page = (tmp_path / FILE).read_text("utf-8")
    HTMLParser().feed(page)
    assert page.count("<svg") == 4
    assert "http-equiv" not in page
    assert "<script" not in page
    assert 'src="' not in page
    assert "승격" not in page
    assert "후보로 보관" in page
    assert "worse on frozen" in page
    for kind in (SCAM, CALM, NEW_SCAM):
        assert kind[:8] not in page + text


def test_figures_of_a_handful_of_calls() -> None:
    import numpy as np

    labels, scores = np.array([0, 0, 1, 1]), np.array([0.1, 0.5, 0.5, 0.9])
    found = figures(labels, scores, Thresholds("m", caution=0.4, danger=0.6))
    assert found["confusion"] == [[1, 1, 0], [0, 1, 1]]
    assert (found["fpr_caution"], found["fpr_danger"]) == (0.5, 0.0)
    assert (found["recall_caution"], found["recall_danger"]) == (1.0, 0.5)
    assert found["auroc"] == pytest.approx(0.875)
    assert found["brier"] == pytest.approx((0.01 + 0.25 + 0.25 + 0.01) / 4)
    assert "auroc" not in figures(labels[:2], scores[:2], Thresholds("m", caution=0.4, danger=0.6))

"""The whole of a voice update on small trees: what is promoted, what is not, and that old scores stay exact."""

import json
from datetime import UTC, datetime
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from core.errors import ModelRefused
from models import registry
from models.registry import ModelVersion
from models.training.describe import manifest_of
from models.training.report import FILE, write_report
from models.training.voice import learner as rooms
from models.training.voice import update
from models.training.voice.calls import FROZEN, REHEARSAL, VoiceBank
from models.training.voice.learner import Ensemble, VoiceLearner, weighed
from models.training.voice.members import PARAMETERS, TREES, Probe, member_of
from models.voice.loading import load_voice_model
from models.voice.members.served import open_member
from models.voice.members.whisper import FittedProbe
from tests.unit.training.voice_examples import NEW, OLD, VIEW, WIDTH, base, call, publish_small


@pytest.fixture
def version(tmp_path: Path) -> ModelVersion:
    return publish_small(tmp_path / "store")


def run(
    version: ModelVersion, folder: Path, *, flipped: bool = False, frozen: bool = True, calls: int = 600
) -> update.VoiceOutcome:
    with VoiceBank(folder) as bank:
        for number in range(calls):
            part = ("train", "train", "tune", "test")[number // 4 % 4]
            made = call(5000 + number, number % 2, kind=(OLD, NEW)[number // 2 % 2], part=part, fresh=True)
            bank.add(made if not flipped else update_label(made))
        for number in range(120 if frozen else 0):
            bank.add(call(9000 + number, number % 2, part=FROZEN, source="own voices", origin="own voices"))
        learner = VoiceLearner(version)
        return update.run(version, learner, bank, margin=0.02, scratch=folder, step=lambda _: None)


def update_label(made):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(made, label=1 - made.label)


def test_good_evidence_is_promotable_and_the_new_kind_is_heard(version: ModelVersion, tmp_path: Path) -> None:
    outcome = run(version, tmp_path)
    assert outcome.reasons == ()
    assert outcome.calibrated_anew
    (new,) = (one for one in outcome.judged if one.source == update.NEW)
    assert new.difference.mean > 0.1
    assert sum(outcome.histogram) == 600


def test_exchanged_labels_are_not_promoted(version: ModelVersion, tmp_path: Path) -> None:
    outcome = run(version, tmp_path, flipped=True)
    assert any("exchanged" in reason for reason in outcome.reasons)
    assert any("the active model is certain" in reason for reason in outcome.reasons)


def test_without_frozen_voices_nothing_is_promoted(version: ModelVersion, tmp_path: Path) -> None:
    assert run(version, tmp_path, frozen=False).reasons == (update.UNJUDGED,)


def test_few_held_out_calls_leave_calibration_and_borders(version: ModelVersion, tmp_path: Path) -> None:
    outcome = run(version, tmp_path, calls=80)
    assert not outcome.calibrated_anew
    assert outcome.table == version.manifest["thresholds"]


def test_the_saved_version_serves_the_scores_that_were_judged(version: ModelVersion, tmp_path: Path) -> None:
    outcome = run(version, tmp_path)
    manifest = manifest_of(
        outcome, reasons=(), files={}, rows={}, wanted={}, read_at=datetime(2026, 1, 1, tzinfo=UTC), margin=0.02
    )

    def write(folder: Path) -> None:
        outcome.learner.save(folder, outcome.calibration)
        write_report(folder, outcome, manifest)

    made = registry.publish(tmp_path / "store", "voice", write, manifest=manifest)
    views = call(1, 1, kind=NEW).views
    assert Ensemble(made).logits(views) == pytest.approx(outcome.learner.ensemble.logits(views), abs=1e-3)
    assert Ensemble(made).logits(views) != pytest.approx(Ensemble(version).logits(views), abs=0.1)
    assert load_voice_model(made).version == made.name
    assert sorted(path.name for path in made.folder.iterdir()) == sorted(
        [*(path.name for path in version.folder.iterdir()), FILE]
    )
    page = (made.folder / FILE).read_text("utf-8")
    assert "변조 altered" in page
    assert "사기" not in page
    again = run(made, tmp_path)  # what was grown can grow again
    assert again.drift.index is not None


def test_growing_is_what_init_model_does(tmp_path: Path) -> None:
    booster = base()
    learner = VoiceLearner(publish_small(tmp_path / "store", booster))
    calls = [call(5000 + number, number % 2, kind=NEW) for number in range(200)]
    learner.learn(lambda: iter(calls), scratch=tmp_path, step=lambda _: None)

    weights, labels = weighed(iter(calls))
    rows = np.concatenate([one.views[VIEW] for one in calls])
    data = lightgbm.Dataset(rows, labels, weight=weights, free_raw_data=False)
    whole = lightgbm.train({**PARAMETERS, "seed": 0}, data, TREES, init_model=booster)

    unheard = np.random.default_rng(3).normal(size=(300, WIDTH)).astype(np.float32)
    expected = whole.predict(unheard, raw_score=True)
    assert learner.ensemble.logits({VIEW: unheard}) == pytest.approx(expected, abs=1e-3)


def test_a_probe_learns_on_and_its_file_says_the_same(tmp_path: Path) -> None:
    slopes = np.zeros(WIDTH, np.float32)
    slopes[OLD] = 2.0
    FittedProbe(slopes, -2.5).export(tmp_path / "old.onnx")
    probe = member_of(tmp_path / "old.onnx")
    assert isinstance(probe, Probe)
    calls = [call(5000 + number, number % 2, kind=(OLD, NEW)[number // 2 % 2]) for number in range(4000)]
    weights, labels = weighed(iter(calls))
    rows = np.concatenate([one.views[VIEW] for one in calls])
    served = open_member(tmp_path / "old.onnx")
    probe.learn(rows, labels, weights, served.logits(rows), lambda _: None)
    probe.write(tmp_path / "old.onnx", tmp_path / "new.onnx")

    unheard = np.concatenate([call(number, 1, kind=NEW).views[VIEW] for number in range(50)])
    now = open_member(tmp_path / "new.onnx").logits(unheard)
    assert now == pytest.approx(served.logits(unheard) + probe.added(unheard), abs=1e-3)
    assert now.mean() > served.logits(unheard).mean() + 1.0


def test_labels_and_rehearsal_weigh_alike() -> None:
    calls = [call(n, int(n < 3)) for n in range(10)] + [call(n, n % 2, origin=REHEARSAL) for n in range(50)]
    weights, labels = weighed(iter(calls))
    new = np.repeat([one.origin != REHEARSAL for one in calls], [len(one) for one in calls])
    masses = [weights[(new == own) & (labels == label)].sum() for own in (True, False) for label in (0, 1)]
    assert masses == pytest.approx([masses[0]] * 4)


def test_what_has_no_trees_is_refused(version: ModelVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "member_of", lambda _: None)
    with pytest.raises(ModelRefused, match="without trees or probes"):
        VoiceLearner(version)


def test_another_type_is_refused(version: ModelVersion) -> None:
    manifest = {**version.manifest, "type": "mfcc_cnn"}
    with pytest.raises(ModelRefused, match="cannot be updated"):
        VoiceLearner(ModelVersion("voice", version.name, version.folder, manifest))


def test_a_bank_gives_back_what_was_put_in(tmp_path: Path) -> None:
    calls = [call(number, number % 2, part=("train", "test")[number % 2], fresh=number > 2) for number in range(6)]
    with VoiceBank(tmp_path) as bank:
        for one in calls:
            bank.add(one)
        assert bank.tally == {("train", 0): 3, ("test", 1): 3}
        back = list(bank.read())
        assert [one.part for one in bank.read("test")] == ["test"] * 3
        assert list(tmp_path.iterdir()) == []
    for one, other in zip(calls, back, strict=True):
        np.testing.assert_array_equal(one.views[VIEW], other.views[VIEW])
        assert json.dumps([other.source, other.label, other.fresh]) == json.dumps([one.source, one.label, one.fresh])

from pathlib import Path

import numpy as np
import pytest

from models import registry
from models.registry import ModelVersion
from models.text import lgbm
from models.text.calibration import Calibration
from models.text.counts import tfidf
from models.text.ngrams import Lookup, ngrams, packed
from models.training.evidence import Example
from models.training.learner import open_learner
from tests.unit.training.examples import CALM, FILLER, NEW_SCAM, SCAM, call

lightgbm = pytest.importorskip("lightgbm")


@pytest.fixture
def version(tmp_path: Path) -> ModelVersion:
    """Trees that know ``SCAM`` from ``CALM`` and the n-grams of the new kind, but nothing about it."""
    grams = sorted({*ngrams(SCAM), *ngrams(CALM), *ngrams(NEW_SCAM), *ngrams(FILLER)})
    index = {gram: place for place, gram in enumerate(grams)}
    idf = np.ones(len(index), np.float32)
    calls = [call((CALM, SCAM)[number % 2], number) for number in range(80)]
    rows = tfidf(Lookup(packed(index)).matrix([c.text for c in calls]), idf, 1.0)
    parameters = {"objective": "binary", "verbosity": -1, "min_child_samples": 5, "num_threads": 1}
    booster = lightgbm.train(parameters, lightgbm.Dataset(rows, [c.label for c in calls]), num_boost_round=10)
    network = lgbm.Network(booster, index, idf, 1.0)

    def write(folder: Path) -> None:
        lgbm.save(folder, network, dict.fromkeys(index, 5), Calibration(1.0, 0.0, 0.0))

    table = {"target_fpr": {"caution": 0.5, "danger": 0.8}}
    manifest = {"type": "lgbm", "thresholds": table, "threshold_method": "target_fpr", "metrics": {}, "data": {}}
    return registry.publish(tmp_path / "store", "text", write, manifest=manifest)


def test_more_trees_learn_a_new_kind_and_the_old_ones_stay(version: ModelVersion, tmp_path: Path) -> None:
    learner, steps = open_learner(version), list[int]()
    new, old, calm = (call(kind, 900).text for kind in (NEW_SCAM, SCAM, CALM))
    before = [float(learner.logits(text)[0]) for text in (new, old, calm)]
    calls = [call((CALM, NEW_SCAM, CALM, SCAM)[number % 4], number) for number in range(200)]
    given = [Example(c.id, c.text, c.label, 1.0, "person") for c in calls]
    assert learner.learn(lambda: iter(given), scratch=tmp_path, step=steps.append) == 200

    assert float(learner.logits(new)[0]) > before[0] + 1.0
    assert float(learner.logits(old)[0]) > 0 > float(learner.logits(calm)[0])
    assert steps == list(range(1, 61))
    folder = tmp_path / "artefact"
    folder.mkdir()
    learner.save(folder, learner.calibration)
    served = lgbm.load(folder, "x", version.thresholds)
    expected = learner.calibration.probability(learner.logits(new))
    assert served.predict_proba([new])[0] == pytest.approx(expected, abs=1e-6)

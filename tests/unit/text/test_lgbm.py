"""Boosted trees: training and serving agree, the text format keeps every score, nothing is needed until it is used."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from core.errors import ModelRefused
from core.settings import ROOT
from core.types import Thresholds
from models.text import lgbm
from models.text.calibration import Calibration
from models.text.counts import CountTable, call_frequencies
from models.text.data import load_corpus
from models.text.fit_lgbm import LgbmTrainer
from models.text.ngrams import MIN_DF
from models.text.noise import SttNoise
from models.text.samples import make_samples

BORDERS = Thresholds("target_fpr", 0.5, 0.8)


@pytest.fixture(scope="module")
def trained():
    pytest.importorskip("lightgbm", reason="requirements-lgbm.txt is not installed")
    calls = load_corpus()[:120]
    trainer = LgbmTrainer(CountTable(calls, make_samples(calls, SttNoise())), most=500, trees=20)
    return calls, trainer, trainer.fit(range(100))


def test_serving_gives_the_logits_of_training(trained):
    calls, trainer, network = trained
    served = trainer.text_logits(network, [calls[i].text for i in range(90, 120)])
    assert np.allclose(np.concatenate(trainer.call_logits(network, range(90, 120))), np.concatenate(served), atol=1e-6)


def test_the_artefact_survives_the_disk(trained, tmp_path):
    calls, _, network = trained
    df = call_frequencies(list(network.index), [call.text for call in calls])
    lgbm.save(tmp_path, network, df, Calibration())
    before = lgbm.LgbmTextModel(network, Calibration(), "v", BORDERS)
    texts = [calls[0].text, calls[101].text, ""]
    assert np.allclose(lgbm.load(tmp_path, "v", BORDERS).predict_proba(texts), before.predict_proba(texts), atol=1e-9)
    assert min(df.values()) >= MIN_DF


def test_evidence_is_shap_values_of_what_stands_in_the_text(trained):
    calls, _, network = trained
    model = lgbm.LgbmTextModel(network, Calibration(), "v", BORDERS)
    evidence = model.explain(calls[1].text, top=5)
    part = calls[1].text[:300]
    shap = network.booster.predict(network.matrix([part]), pred_contrib=True)
    assert shap.sum() == pytest.approx(model.logits([part])[0], abs=1e-6)
    assert evidence
    assert all(piece.text in calls[1].text for piece in evidence)


def test_the_same_seed_gives_the_same_trees(trained):
    _, trainer, network = trained
    again = trainer.fit(range(100))
    assert again.booster.model_to_string() == network.booster.model_to_string()


def test_a_machine_without_lightgbm_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelRefused, match=r"requirements-lgbm\.txt"):
        lgbm.load(tmp_path, "v", BORDERS)


def test_lightgbm_is_not_imported_before_it_is_needed():
    program = "import sys, models.text.lgbm; print('lightgbm' in sys.modules or 'scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"

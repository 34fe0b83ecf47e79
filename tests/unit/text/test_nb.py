"""Naive Bayes: what is served is scikit-learn's pipeline, spread over the syllables."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from core.types import Thresholds
from models.text import nb
from models.text.calibration import Calibration
from models.text.counts import CountTable, call_frequencies
from models.text.data import load_corpus
from models.text.fit_nb import NbTrainer
from models.text.ngrams import MIN_DF, ngrams
from models.text.noise import SttNoise
from models.text.samples import make_samples, weights

BORDERS = Thresholds("target_fpr", 0.5, 0.8)


@pytest.fixture(scope="module")
def trained():
    calls = load_corpus()[:120]
    samples = make_samples(calls, SttNoise())
    trainer = NbTrainer(CountTable(calls, samples), most=3000)
    return calls, samples, trainer, trainer.fit(range(100))


def test_a_logit_is_the_log_odds_of_the_pipeline_of_scikit_learn(trained):
    calls, samples, _, network = trained
    picked = [sample for sample in samples if sample.call < 100]
    pipeline = make_pipeline(CountVectorizer(analyzer=ngrams, vocabulary=list(network.index)), MultinomialNB())
    labels = [calls[sample.call].label for sample in picked]
    pipeline.fit([s.text for s in picked], labels, multinomialnb__sample_weight=weights(picked, calls))
    parts = [call.text for call in calls[100:]]
    odds = np.diff(pipeline.predict_log_proba(parts), axis=1)[:, 0]
    assert np.allclose(network.logits(parts) * nb.OVERLAP, odds, atol=1e-2)


def test_serving_gives_the_logits_of_training(trained):
    calls, _, trainer, network = trained
    served = trainer.text_logits(network, [calls[i].text for i in range(90, 120)])
    assert np.allclose(np.concatenate(trainer.call_logits(network, range(90, 120))), np.concatenate(served), atol=1e-5)


def test_the_artefact_survives_the_disk(trained, tmp_path):
    calls, _, _, network = trained
    df = call_frequencies(list(network.index), [call.text for call in calls])
    nb.save(tmp_path, network, df, Calibration())
    before = nb.NbTextModel(network, Calibration(), "v", BORDERS)
    texts = [calls[0].text, ""]
    assert np.array_equal(nb.load(tmp_path, "v", BORDERS).predict_proba(texts), before.predict_proba(texts))
    assert min(df.values()) >= MIN_DF


def test_evidence_stands_in_the_text_and_is_strongest_first(trained):
    calls, _, _, network = trained
    evidence = nb.NbTextModel(network, Calibration(), "v", BORDERS).explain(calls[1].text, top=5)
    strengths = [abs(piece.weight) for piece in evidence]
    assert len(evidence) == 5
    assert strengths == sorted(strengths, reverse=True)
    assert all(piece.text in calls[1].text for piece in evidence)


def test_no_text_has_no_score_and_no_evidence(trained):
    model = nb.NbTextModel(trained[3], Calibration(), "v", BORDERS)
    assert model.predict_proba([]).shape == (0,)
    assert model.explain("123") == ()


def test_it_ranks_unseen_calls(trained):
    calls, _, trainer, network = trained
    from sklearn.metrics import roc_auc_score

    logits = [values.max() for values in trainer.call_logits(network, range(100, 120))]
    assert roc_auc_score([call.label for call in calls[100:120]], logits) > 0.6

"""The linear model: training and serving agree, artefacts survive the disk, short texts stay modest."""

import numpy as np
import pytest

from core.types import Thresholds
from models.text import linear, served
from models.text.calibration import Calibration, fit
from models.text.counts import CountTable, call_frequencies
from models.text.data import load_corpus
from models.text.fit_linear import LinearTrainer, column_scale, slim
from models.text.ngrams import MIN_DF
from models.text.noise import SttNoise
from models.text.samples import make_samples

BORDERS = Thresholds("target_fpr", 0.5, 0.8)


@pytest.fixture(scope="module")
def trained():
    calls = load_corpus()[:120]
    trainer = LinearTrainer(CountTable(calls, make_samples(calls, SttNoise())))
    return calls, trainer, trainer.fit(range(len(calls)))


def test_serving_gives_the_logits_of_training(trained):
    calls, trainer, network = trained
    served = np.concatenate(trainer.text_logits(network, [call.text for call in calls[:20]]))
    assert np.allclose(np.concatenate(trainer.call_logits(network, range(20))), served, atol=1e-4)


def test_the_artefact_survives_the_disk(trained, tmp_path):
    calls, _, network = trained
    small = slim(network)
    linear.save(tmp_path, small, call_frequencies(small.ngrams.tolist(), [call.text for call in calls]), Calibration())
    loaded = linear.load(tmp_path, "v", BORDERS)
    before = linear.LinearTextModel(small, Calibration(), "v", BORDERS)
    assert np.array_equal(loaded.predict_proba([calls[0].text]), before.predict_proba([calls[0].text]))


def test_a_trainer_learns_from_its_part_of_the_table(trained):
    calls, trainer, _ = trained
    part = trainer.fit(tuple(range(80)))
    alone = LinearTrainer(CountTable(calls[:80], make_samples(calls[:80], SttNoise()))).fit(range(80))
    assert np.array_equal(part.ngrams, alone.ngrams)
    assert np.array_equal(part.coef, alone.coef) and part.bias == alone.bias


def test_no_ngram_is_rare(trained):
    calls, _, network = trained
    assert min(call_frequencies(network.ngrams.tolist(), [call.text for call in calls]).values()) >= MIN_DF


def test_what_our_corpus_says_often_is_held_more_firmly():
    scale = column_scale(np.array([0.0, 3.0, 100.0]))
    assert scale[0] > scale[1] > scale[2] > 0.0
    assert np.mean(scale**2) == pytest.approx(1.0, rel=1e-5)


def test_many_texts_are_scored_in_lots_and_score_the_same(trained, monkeypatch):
    model = linear.LinearTextModel(trained[2], Calibration(), "v", BORDERS)
    texts = [call.text for call in trained[0][:20]]
    at_once, sizes, logits = model.predict_proba(texts), [], model.logits
    monkeypatch.setattr(served, "AT_ONCE", 7)
    monkeypatch.setattr(model, "logits", lambda parts: (sizes.append(len(parts)), logits(parts))[1])
    assert np.allclose(model.predict_proba(texts), at_once, atol=1e-9)
    assert len(sizes) > 2 and max(sizes) == 7


def test_an_empty_text_gets_a_probability(trained):
    model = linear.LinearTextModel(trained[2], Calibration(), "v", BORDERS)
    assert 0.0 <= model.predict_proba([""])[0] <= 1.0


def test_evidence_is_strongest_first_and_stands_in_the_text(trained):
    calls, _, network = trained
    evidence = linear.LinearTextModel(network, Calibration(), "v", BORDERS).explain(calls[1].text, top=5)
    strengths = [abs(piece.weight) for piece in evidence]
    assert strengths == sorted(strengths, reverse=True)
    assert all(piece.text in calls[1].text for piece in evidence)


def test_calibration_never_turns_a_higher_score_into_a_lower_probability():
    logits = [np.array([value, -value]) for value in np.linspace(-2, 2, 40)]
    labels = np.array([int(values[0] > 0) for values in logits])
    found = fit(logits, labels, np.ones(40))
    assert found.top >= 0 and found.mean >= 0

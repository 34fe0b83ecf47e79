"""The ensemble: weights come from calls the members did not learn from, and members live inside its folder."""

import numpy as np
import pytest

from core.errors import ModelRefused
from core.types import Thresholds
from models.registry import open_version, publish
from models.text import ensemble, zoo
from models.text.calibration import Calibration
from models.text.data import Call, batch_of, load_corpus
from models.text.ensemble import log_odds
from models.text.fit_ensemble import EnsembleTrainer, balanced, choose_weights
from models.text.loading import load_text_model
from models.text.noise import SttNoise
from models.text.samples import make_samples
from models.text.zoo import Material

BORDERS = Thresholds("target_fpr", 0.5, 0.8)
TEXT = "가나다라마바사아자차" * 8


class Rote:
    """Knows the labels of what it learned, and nothing of anything else."""

    name = "rote"

    def __init__(self, calls):
        self.calls = calls

    def fit(self, train, *, seed=0):
        return set(train)

    def call_logits(self, network, held_out):
        return [np.array([(self.calls[i].label * 6.0 - 3.0) * (i in network)]) for i in held_out]

    def text_logits(self, network, texts):
        return [np.array([0.0]) for _ in texts]


class Wise(Rote):
    """Often right, about any call."""

    name = "wise"

    def call_logits(self, network, held_out):
        return [np.array([self.calls[i].label + np.sin(i * 7.0)]) for i in held_out]


@pytest.fixture(scope="module")
def trained():
    calls = load_corpus()
    picked = [call for call in calls if batch_of(call.id) in {"a", "c", "e", "g"}][::7]
    material = Material(picked, make_samples(picked, SttNoise()), members=("linear", "nb"))
    trainer = zoo.kind("ensemble").trainer(material)
    return material, trainer, trainer.fit(range(len(picked)))


@pytest.fixture
def folder(trained, tmp_path):
    material, trainer, network = trained
    zoo.kind("ensemble").save(tmp_path, trainer, network, material, Calibration(top=1.0, mean=0.0))
    return tmp_path


def test_a_member_that_only_remembers_has_no_say():
    calls = [Call(f"{source}{n}", source, n % 2, TEXT) for source in "pqrs" for n in range(30)]
    network = EnsembleTrainer(calls, [Rote(calls), Wise(calls)]).fit(range(len(calls)))
    assert network.weights == pytest.approx([0.0, 1.0], abs=1e-3)


def test_two_equal_witnesses_weigh_the_same():
    rng = np.random.default_rng(0)
    labels = np.arange(4000) % 2
    scores = (labels * 2.0 - 1.0) + rng.normal(0, 1.5, (2, 4000))
    weights = choose_weights(scores, labels, np.ones(4000))
    assert weights.sum() == pytest.approx(1.0)
    assert weights == pytest.approx([0.5, 0.5], abs=0.05)


def test_a_witness_that_is_always_wrong_is_not_turned_round():
    labels = np.arange(100) % 2
    right = labels * 2.0 - 1.0 + np.sin(np.arange(100))
    assert choose_weights(np.array([right, -right]), labels, np.ones(100)) == pytest.approx([1.0, 0.0])


def test_sources_and_labels_have_the_same_say():
    calls = [Call(str(n), "big" if n < 90 else "small", int(n % 3 == 0), TEXT) for n in range(100)]
    weight = balanced(range(100), calls)
    for label in (0, 1):
        for source in ("big", "small"):
            here = [call.source == source and call.label == label for call in calls]
            assert weight[here].sum() == pytest.approx(25.0)


def test_serving_gives_the_logits_of_training(trained, folder):
    material, trainer, network = trained
    model = zoo.kind("ensemble").load(folder, "v", BORDERS)
    texts = [call.text for call in material.calls[:8]]
    learned = np.concatenate(trainer.call_logits(network, range(8)))
    assert np.allclose(log_odds(model.predict_proba(texts)), learned, atol=1e-3)
    assert np.allclose(np.concatenate(trainer.text_logits(network, texts)), learned, atol=1e-3)


def test_evidence_stands_in_the_text(trained, folder):
    text = trained[0].calls[1].text
    evidence = zoo.kind("ensemble").load(folder, "v", BORDERS).explain(text, top=4)
    assert len(evidence) == 4
    assert all(piece.text in text for piece in evidence)


def test_a_published_ensemble_is_verified_with_its_members(trained, tmp_path):
    material, trainer, network = trained

    def write(place):
        zoo.kind("ensemble").save(place, trainer, network, material, Calibration())

    manifest = {
        "type": "ensemble",
        "thresholds": {"eer": {"caution": 0.5, "danger": 0.8}},
        "threshold_method": "eer",
        "metrics": {},
        "data": {},
    }
    version = publish(tmp_path, "text", write, manifest=manifest)
    assert 0.0 < load_text_model(version).predict_proba([TEXT])[0] < 1.0
    weights = version.folder / "nb" / "weights.npz"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelRefused):
        open_version(tmp_path, "text", version.name)


def test_an_ensemble_within_an_ensemble_is_refused(folder):
    (folder / ensemble.MEMBERS).write_text('{"ensemble": 1.0}', "utf-8")
    with pytest.raises(ModelRefused):
        zoo.kind("ensemble").load(folder, "v", BORDERS)

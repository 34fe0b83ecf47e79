"""Every type can be trained, written, read and asked, by one set of rules."""

import numpy as np
import pytest

from core.errors import ModelRefused
from core.types import Thresholds
from models.text import zoo
from models.text.calibration import Calibration
from models.text.data import load_corpus
from models.text.loading import LOADERS
from models.text.noise import SttNoise
from models.text.samples import make_samples
from models.text.zoo import Material

BORDERS = Thresholds("target_fpr", 0.5, 0.8)
QUICK = ("linear", "nb", "lgbm")
"""Types that learn 100 calls within seconds; the networks have tests of their own."""


@pytest.fixture(scope="module")
def material():
    calls = load_corpus()[:100]
    return Material(calls, make_samples(calls, SttNoise()), quick=True)


@pytest.mark.parametrize("name", QUICK)
def test_a_type_learns_is_written_read_and_asked(material, tmp_path, name):
    kind = zoo.kind(name)
    trainer = kind.trainer(material)
    network = trainer.fit(range(80))
    kind.save(tmp_path, trainer, network, material, Calibration(top=1.0, mean=0.0))
    model = kind.load(tmp_path, "v", BORDERS)
    held_out = [material.calls[i].text for i in range(80, 100)]
    logits = trainer.text_logits(network, held_out)
    expected = [Calibration(top=1.0, mean=0.0).probability(values) for values in logits]
    assert trainer.name == name
    assert (model.version, model.thresholds) == ("v", BORDERS)
    assert np.allclose(model.predict_proba(held_out), expected, atol=2e-3)
    assert model.explain(held_out[0], top=2)


def test_every_type_can_be_loaded_by_the_service():
    assert set(zoo.KINDS) <= set(LOADERS)


def test_trainers_share_one_table_of_counts(material):
    assert material.counts is material.counts


def test_an_unknown_type_is_refused():
    with pytest.raises(ModelRefused):
        zoo.kind("oracle")


def test_kobert_asks_for_its_checkpoint(material):
    with pytest.raises(ModelRefused, match="folder"):
        zoo.kind("kobert").trainer(material)

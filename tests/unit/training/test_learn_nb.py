from pathlib import Path

import numpy as np
import pytest
from sklearn.naive_bayes import MultinomialNB

from core.errors import ModelRefused
from models import registry
from models.registry import ModelVersion
from models.text import ensemble, nb
from models.text.calibration import Calibration
from models.text.fit_nb import as_network
from models.text.loading import load_text_model
from models.text.ngrams import Lookup, ngrams, packed
from models.training.evidence import Example
from models.training.learner import open_learner
from tests.unit.training.examples import CALM, FILLER, NEW_SCAM, SCAM, call

CALLS = [call((CALM, SCAM)[number % 2], number) for number in range(80)]
NEW = [call((CALM, NEW_SCAM, CALM, SCAM)[number % 4], 1000 + number) for number in range(200)]
GIVEN = [Example(c.id, c.text, c.label, 1.0, "person") for c in NEW]


def small(*, counts: bool = True) -> nb.Network:
    grams = sorted({*ngrams(SCAM), *ngrams(CALM), *ngrams(FILLER)})
    index = {gram: place for place, gram in enumerate(grams)}
    model = MultinomialNB().fit(Lookup(packed(index)).matrix([c.text for c in CALLS]), [c.label for c in CALLS])
    network = as_network(index, model)
    return network if counts else nb.Network(network.index, network.odds, network.prior)


def publish(store: Path, network: nb.Network, *, type: str = "nb") -> ModelVersion:
    df = dict.fromkeys(network.index, 5)

    def write(folder: Path) -> None:
        if type == "nb":
            nb.save(folder, network, df, Calibration())
        else:
            writers = {"nb": lambda member: nb.save(member, network, df, Calibration())}
            ensemble.save(folder, writers, [1.0], Calibration())

    table = {"target_fpr": {"caution": 0.5, "danger": 0.8}}
    manifest = {"type": type, "thresholds": table, "threshold_method": "target_fpr", "metrics": {}, "data": {}}
    return registry.publish(store, "text", write, manifest=manifest)


def test_counting_on_is_counting_everything_at_once(tmp_path: Path) -> None:
    learner = open_learner(publish(tmp_path / "store", small()))
    assert learner.learn(lambda: iter(GIVEN), scratch=tmp_path, step=lambda _: None) == 200
    folder = tmp_path / "artefact"
    folder.mkdir()
    learner.save(folder, learner.calibration)
    with np.load(folder / nb.WEIGHTS, allow_pickle=False) as arrays:
        counts, grams = arrays["counts"], nb.read_vocabulary(folder)
    old = Lookup(packed(small().index)).matrix([c.text for c in CALLS if c.label == 1]).sum()
    new = Lookup(packed(grams)).matrix([c.text for c in NEW if c.label == 1]).sum()
    assert counts[1].sum() == pytest.approx(old + new)
    assert set(ngrams(NEW_SCAM)) <= set(grams)


@pytest.mark.parametrize("type", ["nb", "ensemble"])
def test_a_new_kind_is_learned_and_what_is_saved_is_served(tmp_path: Path, type: str) -> None:
    version = publish(tmp_path / "store", small(), type=type)
    learner, steps = open_learner(version), list[int]()
    new, old, calm = (call(kind, 900).text for kind in (NEW_SCAM, SCAM, CALM))
    before = float(learner.logits(new)[0])
    assert load_text_model(version).predict_proba([new])[0] == pytest.approx(
        learner.calibration.probability(learner.logits(new)), abs=1e-6
    )
    assert learner.learn(lambda: iter(GIVEN), scratch=tmp_path, step=steps.append) == 200
    assert float(learner.logits(new)[0]) > before + 1.0
    assert float(learner.logits(old)[0]) > 0 > float(learner.logits(calm)[0])
    assert steps == [1]

    manifest = dict(version.manifest)
    made = registry.publish(
        tmp_path / "other", "text", lambda f: learner.save(f, learner.calibration), manifest=manifest
    )
    served = load_text_model(made).predict_proba([new])[0]
    assert served == pytest.approx(learner.calibration.probability(learner.logits(new)), abs=1e-6)


def test_a_version_without_counts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="keeps no counts"):
        open_learner(publish(tmp_path / "store", small(counts=False)))


def test_a_type_that_cannot_go_on_is_refused(tmp_path: Path) -> None:
    version = publish(tmp_path / "store", small())
    with pytest.raises(ModelRefused, match="train one anew"):
        open_learner(ModelVersion("text", version.name, version.folder, {"type": "kobert"}))

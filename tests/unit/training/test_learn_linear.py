from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelRefused
from models.registry import ModelVersion, open_version, publish
from models.text.linear import load
from models.training.evidence import REHEARSAL, Example
from models.training.learner import open_learner
from models.training.new_ngrams import find
from tests.unit.training.examples import CALM, NEW_SCAM, SCAM, call, publish_small


def examples(weight: float = 1.0, *, new: str = NEW_SCAM, origin: str = "person") -> list[Example]:
    kinds = [new] * 12 + [CALM] * 12
    calls = [call(kind, number) for number, kind in enumerate(kinds)]
    return [Example(c.id, c.text, c.label, weight, origin) for c in calls]


def learn(version: ModelVersion, given: list[Example], scratch: Path) -> object:
    learner = open_learner(version)
    assert learner.learn(lambda: iter(given), scratch=scratch, step=lambda _: None) == len(given)
    return learner


def test_a_new_kind_is_learned_and_the_old_one_is_not_forgotten(tmp_path: Path) -> None:
    version = publish_small(tmp_path / "store")
    learner = open_learner(version)
    new, old, calm = call(NEW_SCAM, 99).text, call(SCAM, 99).text, call(CALM, 99).text
    before = {text: float(learner.logits(text)[0]) for text in (new, old, calm)}
    steps: list[int] = []
    given = examples()
    learner.learn(lambda: iter(given), scratch=tmp_path, step=steps.append)

    assert float(learner.logits(new)[0]) > max(1.0, before[new] + 1.0)
    assert float(learner.logits(old)[0]) > before[old] - 1.0
    assert float(learner.logits(calm)[0]) < 0
    assert steps == list(range(1, len(steps) + 1))


def test_what_is_saved_is_what_is_served(tmp_path: Path) -> None:
    learner = open_learner(publish_small(tmp_path / "store"))
    given = examples()
    learner.learn(lambda: iter(given), scratch=tmp_path, step=lambda _: None)
    folder = tmp_path / "artefact"
    folder.mkdir()
    learner.save(folder, learner.calibration)
    served = load(folder, "x", open_version(tmp_path / "store", "text").thresholds)
    for kind in (SCAM, CALM, NEW_SCAM):
        text = call(kind, 5).text
        expected = learner.calibration.probability(learner.logits(text))
        assert served.predict_proba([text])[0] == pytest.approx(expected, abs=2e-3)


def test_the_published_version_is_left_as_it_is(tmp_path: Path) -> None:
    version = publish_small(tmp_path / "store")
    learn(version, examples(), tmp_path)
    assert open_version(tmp_path / "store", "text") == version


def test_learning_twice_gives_the_same_weights(tmp_path: Path) -> None:
    version = publish_small(tmp_path / "store")
    text = call(NEW_SCAM, 50).text
    first, second = (open_learner(version) for _ in range(2))
    for learner in (first, second):
        learner.learn(lambda: iter(examples()), scratch=tmp_path, step=lambda _: None)
    assert np.allclose(first.logits(text), second.logits(text), atol=1e-5)


def test_a_prediction_of_our_own_moves_less_than_a_person(tmp_path: Path) -> None:
    version, text = publish_small(tmp_path / "store"), call(NEW_SCAM, 50).text
    moved = []
    for weight in (1.0, 0.1):
        learner = open_learner(version)
        learner.learn(lambda weight=weight: iter(examples(weight)), scratch=tmp_path, step=lambda _: None)  # type: ignore[misc]
        moved.append(float(learner.logits(text)[0]))
    assert moved[0] > moved[1] > float(open_learner(version).logits(text)[0])


def test_evidence_of_one_label_only_can_be_learned_from(tmp_path: Path) -> None:
    learner = open_learner(publish_small(tmp_path / "store"))
    given = [e for e in examples() if e.label == 1]
    assert learner.learn(lambda: iter(given), scratch=tmp_path, step=lambda _: None) == 12
    assert np.isfinite(learner.logits(CALM)).all()


def test_what_is_rehearsed_brings_no_new_ngrams(tmp_path: Path) -> None:
    learner = open_learner(publish_small(tmp_path / "store"))
    given = examples(origin=REHEARSAL)
    learner.learn(lambda: iter(given), scratch=tmp_path, step=lambda _: None)
    folder = tmp_path / "artefact"
    folder.mkdir()
    learner.save(folder, learner.calibration)
    assert NEW_SCAM[:2] not in (folder / "vocabulary.json").read_text("utf-8")


def test_new_ngrams_are_counted_exactly_and_rare_ones_are_never_kept() -> None:
    texts = [call(NEW_SCAM, number).text for number in range(6)] + ["희귀한이름"] * 4

    def read() -> Iterator[str]:
        return iter(texts)

    found = find(read, {NEW_SCAM[:2]})
    assert found[NEW_SCAM[:3]] == 6
    assert NEW_SCAM[:2] not in found
    assert "희귀" not in found
    assert min(found.values()) >= 5


def test_no_more_new_ngrams_than_allowed() -> None:
    texts = ["가나다라마바사아자차"] * 5 + ["카타파하거너더러머버"] * 8
    found = find(lambda: iter(texts), set(), most=20)
    assert len(found) == 20
    assert set(found.values()) == {8}


def test_a_type_that_cannot_go_on_is_refused(tmp_path: Path) -> None:
    manifest = {"type": "other", "thresholds": {"m": {}}, "threshold_method": "m", "metrics": {}, "data": {}}
    version = publish(tmp_path, "text", lambda folder: None, manifest=manifest)
    with pytest.raises(ModelRefused, match="cannot go on learning"):
        open_learner(version)

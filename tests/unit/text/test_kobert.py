"""A tiny BERT with random weights: fine-tuned, exported and served without losing a token of a long call."""

import importlib.util
import itertools

import numpy as np
import pytest

from core.errors import ModelRefused
from core.types import Thresholds
from models.text import kobert
from models.text.calibration import Calibration
from models.text.data import load_corpus
from models.text.fit_kobert import NEEDED, KobertTrainer, fine_tune, read_tokens
from models.text.noise import SttNoise
from models.text.samples import make_samples

BORDERS = Thresholds("target_fpr", 0.5, 0.8)
MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
POSITIONS = 40
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
needs_all = pytest.mark.skipif(bool(MISSING), reason="requirements-kobert.txt is not installed")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module")
def calls():
    return load_corpus()[:60]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory, calls):
    """Give a folder as transformers writes it, with a vocabulary of the syllables of these calls."""
    from transformers import BertConfig, BertForMaskedLM, BertTokenizerFast, set_seed

    folder = tmp_path_factory.mktemp("bert")
    letters = sorted({letter for call in calls for letter in call.text})
    words = [*MARKS, *letters, *(f"##{letter}" for letter in letters)]
    (folder / "vocab.txt").write_text("\n".join(words), "utf-8")
    BertTokenizerFast(vocab=str(folder / "vocab.txt"), do_lower_case=False).save_pretrained(folder)
    set_seed(3)
    size = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    config = BertConfig(vocab_size=len(words), max_position_embeddings=POSITIONS, **size)
    BertForMaskedLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def trained(calls, checkpoint):
    samples = make_samples(calls, SttNoise())
    trainer = KobertTrainer(calls, samples, checkpoint, drawn=200, rate=2e-3)
    return trainer, trainer.fit(range(50), seed=1)


@pytest.fixture(scope="module")
def model(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("artefact")
    kobert.save(folder, trained[1], Calibration())
    return kobert.load(folder, "v", BORDERS)


@needs_all
def test_serving_gives_the_logits_of_training(trained, model, calls):
    trainer, network = trained
    texts = [call.text for call in calls[50:]]
    learned = trainer.text_logits(network, texts)
    served = [model.logits(model.parts(text)) for text in texts]
    assert np.abs(np.concatenate(learned) - np.concatenate(served)).max() < 1e-4
    assert np.allclose(np.concatenate(trainer.call_logits(network, range(50, 60))), np.concatenate(learned))


@needs_all
def test_a_long_call_is_read_to_its_last_token(checkpoint, calls):
    tokens = read_tokens(checkpoint)
    windows = tokens.windows(calls[0].text)
    room = tokens.marks.size - 2
    assert len(windows) > 3
    assert max(map(len, windows)) == room
    assert "".join(map(tokens.text, windows[::2])).startswith(tokens.text(windows[0]) + tokens.text(windows[2]))
    assert calls[0].text.startswith(tokens.text(windows[0]))
    assert calls[0].text.endswith(tokens.text(windows[-1]))
    pairs = itertools.pairwise(windows[:-1])
    assert all(left[room // 2 :] == right[: room - room // 2] for left, right in pairs)


@needs_all
def test_the_end_of_a_long_call_moves_the_score(model, calls):
    start, scores = calls[0].text, []
    for other in calls[1:9]:
        scores.append(model.predict_proba([start + other.text])[0])
    assert len(set(np.round(scores, 9))) == len(scores)


@needs_all
def test_a_score_does_not_depend_on_its_neighbours(model, calls):
    texts = [calls[0].text, "네", ""]
    assert np.allclose(model.predict_proba(texts), [model.predict_proba([t])[0] for t in texts], atol=1e-6)


@needs_all
def test_spacing_changes_nothing(model, calls):
    text = calls[2].text
    assert model.predict_proba([" ".join(text)])[0] == model.predict_proba([text])[0]


@needs_all
def test_it_learns_which_words_are_a_scam(checkpoint):
    import torch

    marks = read_tokens(checkpoint).marks
    rows = [((10 + label,) * (5 + n % 20), label) for n in range(400) for label in (0, 1)]
    model = fine_tune(checkpoint, rows, marks, rate=5e-3, seed=0)
    ids, mask = map(torch.from_numpy, kobert.pad([(10,) * 12, (11,) * 12], marks))
    with torch.inference_mode():
        calm, scam = model(input_ids=ids, attention_mask=mask).logits[:, 0].tolist()
    assert calm < -1 < 1 < scam


@needs_all
def test_evidence_stands_in_the_text(model, calls):
    evidence = model.explain(calls[1].text, top=3)
    assert len(evidence) == 3
    assert all(piece.text in calls[1].text for piece in evidence)


@needs_all
def test_a_folder_that_is_no_checkpoint_is_refused(tmp_path):
    with pytest.raises(ModelRefused, match="checkpoint"):
        read_tokens(tmp_path)


def test_a_machine_without_the_libraries_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelRefused, match=r"requirements-kobert\.txt"):
        KobertTrainer([], [], tmp_path)
    with pytest.raises(ModelRefused, match="pip install onnxruntime tokenizers kiwipiepy"):
        kobert.load(tmp_path, "v", BORDERS)

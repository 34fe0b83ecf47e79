"""The Keras network: its ONNX export says the same; padding, neighbours and order of windows do not matter."""

import subprocess
import sys

import numpy as np
import pytest

from core.types import Thresholds
from models.text.tokens import encode, index, syllables
from models.text.windows import WINDOW

BUILD = """
import sys
from pathlib import Path
import keras, numpy as np
from models.text import cnn_bilstm
from models.text.calibration import Calibration
from models.text.fit_cnn import build
from models.text.tokens import encode, index
keras.utils.set_random_seed(1)
folder = Path(sys.argv[1])
df = {letter: 9 for letter in "가나다라마바사"}
model = build(len(df) + 2, width=8)
cnn_bilstm.save(folder, model, df, Calibration())
inputs = encode(["가나다라", "마바사" * 100], index(list(df)))
np.save(folder / "keras.npy", model.predict(inputs, verbose=0))
attention = keras.Model(model.input, model.get_layer("attention").output)
np.save(folder / "attention.npy", attention.predict(inputs, verbose=0)[:, :, 0])
again = keras.models.load_model(folder / "network.keras")
np.save(folder / "again.npy", again.predict(inputs, verbose=0))
"""
WINDOWS = ["가나다라", "마바사" * 100]
BORDERS = Thresholds("target_fpr", 0.5, 0.8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small network built in its own process, as training does: TensorFlow stays out of this one."""
    pytest.importorskip("tf2onnx", reason="requirements-train.txt is not installed")
    path = tmp_path_factory.mktemp("cnn")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(path)], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return path


@pytest.fixture(scope="module")
def model(folder):
    from models.text import cnn_bilstm

    return cnn_bilstm.load(folder, "v", BORDERS)


def test_onnx_equals_keras(folder, model):
    assert np.abs(model.logits(WINDOWS) - np.load(folder / "keras.npy")[:, 0]).max() < 1e-4


def test_attention_sums_to_one_and_gives_padding_nothing(folder):
    attention = np.load(folder / "attention.npy")
    assert np.allclose(attention.sum(axis=1), 1.0, atol=1e-5)
    assert attention[0, 0] == pytest.approx(1.0)  # four syllables are one step
    assert (attention[1] > 0).all()


def test_the_keras_file_gives_the_same_network(folder):
    assert np.allclose(np.load(folder / "again.npy"), np.load(folder / "keras.npy"), atol=1e-6)


def test_a_score_does_not_depend_on_its_neighbours(model):
    together = model.predict_proba(WINDOWS)
    assert np.allclose(together, [model.predict_proba([text])[0] for text in WINDOWS], atol=1e-6)


def test_every_text_has_a_probability(model):
    scores = model.predict_proba(["", "가나다" * 2000])
    assert ((scores >= 0) & (scores <= 1)).all()


def test_evidence_is_what_the_score_loses_with_a_piece(model):
    (piece,) = model.explain("가나 다라")
    seen, hidden = model.logits(["가나다라", "\0" * 4])
    assert piece.text == "가나다라"
    assert piece.weight == pytest.approx(seen - hidden, abs=1e-6)


def test_evidence_comes_from_the_strongest_windows(model):
    text = "가나다라" * 20 + "마바사" * 200
    evidence = model.explain(text, top=3)
    assert len(evidence) == 3
    assert all(piece.text in text for piece in evidence)


def test_rare_syllables_have_no_token():
    assert set(syllables(["가나"] * 5 + ["가다"] * 4)) == {"가", "나"}


def test_windows_are_padded_to_one_length():
    tokens = encode(["가뷁"], index(["가"]))
    assert tokens.shape == (1, WINDOW)
    assert tokens[0, :3].tolist() == [2, 1, 0]

"""The shipped voice model, as the server loads it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelRefused
from core.settings import ROOT
from models.measuring import median_ms
from models.protocols import VoiceModel
from models.registry import open_version
from models.voice.features import N_FRAMES, N_MFCC
from models.voice.loading import KERAS, load_voice_model
from tests.unit.voice.speech import speech_like
from tests.yardstick import yardsticks

STORE = ROOT / "models" / "store"


@pytest.fixture(scope="module")
def model() -> VoiceModel:
    return load_voice_model(open_version(STORE, "voice"))


def test_windows_and_call_have_probabilities(model: VoiceModel) -> None:
    windows = model.score_windows(speech_like(20.0))
    assert len(windows) >= 4
    assert all(0.0 < window.score < 1.0 and window.end_s > window.start_s + 3.0 for window in windows)
    assert 0.0 < model.score_call(windows) < 1.0


def test_silence_gives_no_windows(model: VoiceModel) -> None:
    assert model.score_windows(np.zeros(160_000, np.float32)) == ()


def test_a_two_minute_chunk_takes_about_a_second_of_one_core(model: VoiceModel) -> None:
    chunk = speech_like(120.0)
    assert yardsticks(median_ms(lambda: model.score_windows(chunk), repeats=2)) < 40  # about 15


def test_an_altered_artefact_is_refused(tmp_path: Path) -> None:
    shutil.copytree(STORE / "voice", tmp_path / "voice")
    version = open_version(tmp_path, "voice")
    network = next(name for name in version.manifest["sha256"] if name.endswith(".onnx"))
    with (version.folder / network).open("ab") as file:
        file.write(b"x")
    with pytest.raises(ModelRefused):
        open_version(tmp_path, "voice")


def test_serving_imports_no_training_library() -> None:
    code = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from models.registry import open_version\n"
        "from models.voice.loading import load_voice_model\n"
        f"model = load_voice_model(open_version(Path({str(STORE)!r}), 'voice'))\n"
        "model.score_windows(np.random.default_rng(0).standard_normal(160000).astype(np.float32))\n"
        "bad = {'tensorflow', 'keras', 'pyworld', 'librosa', 'numba', 'sklearn'} & set(sys.modules)\n"
        "sys.exit(', '.join(bad) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_first_version_still_gives_what_its_keras_network_gives(tmp_path: Path) -> None:
    first = open_version(STORE, "voice", "20261121T055457Z-194a616a")
    mfcc = np.random.default_rng(1).standard_normal((4, N_FRAMES, N_MFCC)).astype(np.float32)
    np.save(tmp_path / "mfcc.npy", mfcc)
    code = (  # its own process: TensorFlow must not enter the one that tests the server
        "import sys, keras, numpy as np\n"
        "network = keras.models.load_model(sys.argv[1], safe_mode=True)\n"
        "np.save(sys.argv[3], network.predict(np.load(sys.argv[2]), verbose=0)[:, 0])\n"
    )
    keras_file = first.folder / KERAS
    arguments = [str(keras_file), str(tmp_path / "mfcc.npy"), str(tmp_path / "out.npy")]
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True)
    served = load_voice_model(first).logits(mfcc)  # type: ignore[attr-defined]
    np.testing.assert_allclose(served, np.load(tmp_path / "out.npy"), atol=1e-4)

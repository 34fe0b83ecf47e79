"""Training publishes a version that the server can load; nothing is activated unasked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from core.settings import ROOT
from models.registry import open_version
from models.voice.loading import load_voice_model
from tests.unit.voice.speech import speech_like

TRAIN = """
import sys
from pathlib import Path
import numpy as np
from models.voice.dataset import Heard
from models.voice.evaluation import report
from models.voice.evaluation.run import evaluate
from models.voice.features_views import views
from models.voice.members.boosting import Boosting
from models.voice.train import held_out, train
from models.voice.windows import cut, speech_windows
from tests.integration.test_voice_training import rough
from tests.unit.voice.speech import speech_like

heard = []
for i in range(64):
    sound = speech_like(8.0, seed=i)
    altered = i % 2
    if altered:
        sound = rough(sound)
    made = views(cut(sound, speech_windows(sound)))
    family = ("world", "lpc")[i // 2 % 2] if altered else "genuine"
    source = ("genuine_en", "genuine_crowd")[i // 4 % 2]
    heard.append(Heard(family, family, source, f"{source}/{i // 16}", "mulaw", made))
kinds, same = {"trees": Boosting(trees=20)}, {"seed": 1, "bar": lambda x, **_: x}
known = held_out(heard, kinds, **same)
version = train(heard, heard[::32], Path(sys.argv[1]), kinds=kinds, data={}, known=known, **same)
report.write(evaluate(heard, heard[::32], kinds, known=known, **same), Path(sys.argv[2]))
print(version.name)
"""


def rough(sound: np.ndarray) -> np.ndarray:
    """Return sound whose loudness trembles at 50 Hz."""
    tremble = 1.0 + 0.9 * np.sin(2.0 * np.pi * 50.0 * np.arange(len(sound)) / 16_000)
    return (sound * tremble).astype(np.float32)


def test_a_trained_ensemble_is_published_and_scores(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TRAIN, str(tmp_path), str(tmp_path / "report")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    name = done.stdout.split()[-1]
    assert not (tmp_path / "voice" / "active").exists()
    version = open_version(tmp_path, "voice", name)
    metrics = json.loads(json.dumps(version.manifest["metrics"]))
    assert set(metrics["eer_family_left_out"]) == {"world", "lpc"}
    written = (tmp_path / "report" / "report.md").read_text("utf-8")
    assert f"| world | {metrics['eer_family_left_out']['world']['3 s']:.3f} |" in written
    assert set(metrics["genuine_source_left_out"]) == {"all", "genuine_en", "genuine_crowd"}
    model = load_voice_model(version)
    plain = speech_like(12.0, seed=99)
    scores = [model.score_call(model.score_windows(sound)) for sound in (plain, rough(plain))]
    assert scores[0] < scores[1]

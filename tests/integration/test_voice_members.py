"""Every member is trained on a handful of windows and exported; the export checks itself against the network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelRefused
from core.settings import ROOT
from core.types import Thresholds
from models.voice.calibration import Calibration
from models.voice.features_views import views
from models.voice.members.checked import check_export
from models.voice.members.served import open_member
from models.voice.members.table import KINDS
from models.voice.served import EnsembleVoiceModel, Part
from models.voice.whisper_statistics import ENCODER
from models.voice.windows import cut, speech_windows
from tests.unit.voice.speech import speech_like

TRAIN = """
import dataclasses, json, sys
from pathlib import Path
import numpy as np
from models.voice.members.table import KINDS
given = np.load(sys.argv[1])
labels = np.arange(len(given["image"])) % 2
sizes = {}
for name, kind in KINDS.items():
    kind = dataclasses.replace(kind, epochs=1) if hasattr(kind, "epochs") else kind
    fitted = kind.fit(given[kind.view], labels, np.ones(len(labels)), seed=0)
    target = Path(sys.argv[2], name + ".onnx")
    fitted.export(target)
    np.save(target.with_suffix(".npy"), fitted.logits(given[kind.view]))
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, np.ndarray]]:
    folder = tmp_path_factory.mktemp("members")
    sound = speech_like(40.0)
    made = views(cut(sound, speech_windows(sound)))
    np.savez(folder / "views.npz", **made)
    command = [sys.executable, "-c", TRAIN, str(folder / "views.npz"), str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder, made


@pytest.mark.parametrize("name", KINDS)
def test_the_export_gives_the_logits_of_the_trained_member(name: str, exported: tuple[Path, dict]) -> None:
    folder, made = exported
    served = open_member(folder / f"{name}.onnx").logits(made[KINDS[name].view])
    np.testing.assert_allclose(served, np.load(folder / f"{name}.npy"), atol=1e-3)


def test_all_members_together_stay_under_30_megabytes(exported: tuple[Path, dict]) -> None:
    files = [exported[0] / f"{name}.onnx" for name in KINDS]
    assert sum(path.stat().st_size for path in (*files, ENCODER)) < 30e6


def test_an_ensemble_of_all_scores_a_call(exported: tuple[Path, dict]) -> None:
    parts = [Part(name, kind.view, 1.0, 0.0, 1.0 / len(KINDS)) for name, kind in KINDS.items()]
    assert [Part.read(json.loads(json.dumps(part.plain()))) for part in parts] == parts
    members = [open_member(exported[0] / f"{name}.onnx") for name in KINDS]
    calibration = Calibration(1.0, 0.0, 1.0, 0.0)
    model = EnsembleVoiceModel("v", Thresholds("max", 0.5, 0.9), calibration, parts, members)
    windows = model.score_windows(speech_like(12.0, seed=3))
    assert len(windows) >= 3
    assert 0.0 < model.score_call(windows) < 1.0


def test_an_export_with_other_numbers_is_refused(exported: tuple[Path, dict]) -> None:
    class Other:
        def logits(self, view: np.ndarray) -> np.ndarray:
            return np.full(len(view), 7.0)

        def export(self, path: Path) -> None:
            raise NotImplementedError

    shape = exported[1]["image"].shape[1:]
    with pytest.raises(ModelRefused, match="export"):
        check_export(Other(), exported[0] / "vgg.onnx", shape)

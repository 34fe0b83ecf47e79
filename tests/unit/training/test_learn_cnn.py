"""The network learns in a process of its own, as updates do: TensorFlow stays out of this one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import ROOT
from core.types import Thresholds
from models.text import cnn_bilstm
from tests.unit.training.examples import NEW_SCAM, call

LEARN = """
import json, sys
from pathlib import Path
import keras, numpy as np
from models import registry
from models.text import cnn_bilstm
from models.text.calibration import Calibration
from models.text.fit_cnn import build
from models.text.tokens import syllables
from models.training.evidence import Example
from models.training.learner import open_learner
from tests.unit.training.examples import CALM, NEW_SCAM, SCAM, call

folder = Path(sys.argv[1])
keras.utils.set_random_seed(3)
df = syllables([call(kind, number).text for number in range(6) for kind in (SCAM, CALM, NEW_SCAM)])
model = build(len(df) + 2, width=16)
manifest = {"type": "cnn_bilstm", "thresholds": {"m": {"caution": 0.5, "danger": 0.8}}, "threshold_method": "m"}
write = lambda place: cnn_bilstm.save(place, model, df, Calibration(1.0, 0.0, 0.0))
version = registry.publish(folder / "store", "text", write, manifest={**manifest, "metrics": {}, "data": {}})
learner, steps = open_learner(version), []
scores = lambda kind: [float(learner.logits(call(kind, number).text)[0]) for number in range(900, 910)]
before = scores(NEW_SCAM)
# First one label, then the other, as a database may give them.
calls = [call(NEW_SCAM if number < 1000 else CALM, number) for number in range(2000)]
given = [Example(c.id, c.text, c.label, 1.0, "person") for c in calls]
size = learner.learn(lambda: iter(given), scratch=folder, step=steps.append)
(folder / "artefact").mkdir()
learner.save(folder / "artefact", learner.calibration)
same = registry.open_version(folder / "store", "text", version.name) == version
found = {"before": before, "scam": scores(NEW_SCAM), "calm": scores(CALM), "steps": steps, "size": size, "same": same}
untouched = open_learner(version)
found["again"] = [float(untouched.logits(call(NEW_SCAM, number).text)[0]) for number in range(900, 910)]
(folder / "found.json").write_text(json.dumps(found))
"""


@pytest.mark.timeout(280)
def test_the_network_goes_on_from_its_weights_and_is_served_as_it_learned(tmp_path: Path) -> None:
    pytest.importorskip("tf2onnx", reason="requirements-train.txt is not installed")
    command = [sys.executable, "-W", "ignore", "-c", LEARN, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=270, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads((tmp_path / "found.json").read_text())

    assert found["before"] == pytest.approx(found["again"], abs=1e-6)
    assert found["same"]
    assert (found["size"], found["steps"]) == (2000, list(range(1, 33)))
    assert max(found["before"]) + 0.1 < min(found["scam"])
    assert max(found["calm"]) + 0.1 < min(found["scam"])
    served = cnn_bilstm.load(tmp_path / "artefact", "x", Thresholds("m", 0.5, 0.8))
    (logit,) = served.logits([call(NEW_SCAM, 900).text])
    assert logit == pytest.approx(found["scam"][0], abs=1e-4)

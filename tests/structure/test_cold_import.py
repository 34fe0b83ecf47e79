"""The factory is cold: heavy libraries are imported by the worker that needs them, TensorFlow never."""

import subprocess
import sys

from core.settings import ROOT
from tests.yardstick import yardsticks

HEAVY = [
    "tensorflow",
    "keras",
    "librosa",
    "faster_whisper",
    "ctranslate2",
    "celery",
    "sklearn",
    "scipy",
    "onnxruntime",
    "av",
    "pydub",
]
PROGRAM = f"""
import sys, time, tempfile, pathlib
started = time.process_time()
from app import create_app
from core.settings import Settings
folder = pathlib.Path(tempfile.mkdtemp())
create_app(Settings(database_url=f"sqlite:///{{folder}}/a.sqlite3", data_dir=folder))
print(time.process_time() - started)
print(sorted(set({HEAVY!r}) & set(sys.modules)))
"""


def test_creating_the_app_is_fast_and_imports_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    seconds, heavy = done.stdout.splitlines()
    assert heavy == "[]"
    assert yardsticks(1000.0 * float(seconds)) < 60  # about 15, twice that before Python has kept its bytecode

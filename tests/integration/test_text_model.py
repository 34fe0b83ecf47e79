"""The shipped text model: honest artefact, sensible grades, no TensorFlow, and a script that scores lines."""

import io
import json
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest

from core.errors import ModelRefused
from core.settings import ROOT
from models.registry import open_version
from models.text.data import CORPUS
from models.text.loading import load_text_model
from scripts import score_text

STORE = ROOT / "models" / "store"


@pytest.fixture(scope="module")
def version():
    return open_version(STORE, "text")


@pytest.fixture(scope="module")
def model(version):
    return load_text_model(version)


@pytest.fixture(scope="module")
def corpus():
    return [
        json.loads(line) for path in sorted(CORPUS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()
    ]


def test_the_manifest_tells_where_the_model_comes_from(version):
    assert {"type", "thresholds", "threshold_method", "metrics", "data", "libraries"} <= set(version.manifest)
    files = version.manifest["data"]["files"]
    own = sum(entry["rows"] for name, entry in files.items() if name.startswith("batch_"))
    assert version.manifest["metrics"]["by_source"]["corpus"]["scam"] == own / 2 >= 750


def test_the_artefact_is_small(version):
    assert sum(path.stat().st_size for path in version.folder.iterdir()) <= 20_000_000


def test_the_artefact_holds_no_digit_and_no_rare_token(version):
    vocabulary = json.loads((version.folder / "vocabulary.json").read_text("utf-8"))
    tokens = vocabulary.get("ngrams") or vocabulary["syllables"]
    assert not any(letter.isdigit() for token in tokens for letter in token)
    assert min(vocabulary["df"]) >= 5


def test_our_own_calls_are_graded_sensibly(model, corpus):
    scores = model.predict_proba([row["text"] for row in corpus])
    scam = np.array([row["label"] == 1 for row in corpus])
    assert (scores[scam] >= model.thresholds.caution).mean() > 0.9
    assert (scores[~scam] >= model.thresholds.danger).mean() < 0.02


def test_punctuation_spacing_and_digits_change_no_score(model, corpus):
    text = corpus[1]["text"]
    plain = text.replace(" ", "").replace("\n", "").replace(",", "").replace(".", "").replace("?", "")
    assert model.predict_proba([text])[0] == model.predict_proba([plain + " 010 1234"])[0]


def test_ten_minutes_are_scored_in_50_ms(model, corpus):
    text = " ".join(row["text"] for row in corpus)[:4000]
    model.predict_proba([text])
    best = min(_seconds(lambda: model.predict_proba([text])) for _ in range(5))
    assert best < 0.05


def test_evidence_is_given(model, corpus):
    assert len(model.explain(corpus[1]["text"], top=5)) == 5


def test_an_altered_artefact_is_refused(version, tmp_path):
    copy = tmp_path / "text" / version.name
    shutil.copytree(version.folder, copy)
    (copy / "vocabulary.json").write_bytes((copy / "vocabulary.json").read_bytes() + b" ")
    with pytest.raises(ModelRefused):
        open_version(tmp_path, "text", version.name)


def test_serving_never_imports_tensorflow_or_sklearn():
    code = (
        "import sys; from core.settings import ROOT; from models.registry import open_version;"
        "from models.text.loading import load_text_model;"
        "load_text_model(open_version(ROOT / 'models' / 'store', 'text')).predict_proba(['여보세요']);"
        "assert not {'tensorflow', 'keras', 'sklearn', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=60)


def test_lines_are_scored(model, corpus, monkeypatch, capsys):
    rows = [{"id": row["id"], "text": row["text"]} for row in corpus[:2]]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(json.dumps(row) for row in rows) + "\n\n"))
    assert score_text.main([]) == 0
    out = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in out] == ["a001", "a002"]
    assert all(0 <= row["score"] <= 1 and row["grade"] in {0, 1, 2} for row in out)


@pytest.mark.parametrize("bad", ["nonsense", "[]", '{"id": 1}', '{"text": "네"}', '{"id": 1, "text": 2}'])
def test_a_bad_line_is_named(bad, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO('{"id": 1, "text": "여보세요"}\n' + bad + "\n"))
    assert score_text.main([]) == 2
    assert "line 2" in capsys.readouterr().err


def test_a_store_without_a_model_is_told(tmp_path, monkeypatch, capsys):
    assert score_text.main(["--store", str(tmp_path)]) == 1
    assert "train_text" in capsys.readouterr().err


def _seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start

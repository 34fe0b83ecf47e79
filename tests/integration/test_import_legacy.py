"""A network and a tokenizer as earlier systems saved them; a pickle that wants more is refused."""

from __future__ import annotations

import collections
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import ModelRefused
from core.settings import ROOT
from models.registry import list_versions, open_version
from models.text.legacy_tokenizer import LegacyTokenizer
from models.text.loading import load_text_model
from models.training.legacy_pickle import read_tokenizer

TEXTS = [
    "고객님 안전계좌로 이체 하셔야 합니다",
    "내일 점심 같이 먹자",
    "안전계좌 라는 말은 처음 들어요!",
    "",
    "ABC 이체 " * 40,
]
LENGTH = 20

MAKE = """
import pickle, sys, numpy as np, keras
from pathlib import Path
from keras.src.legacy.preprocessing.text import Tokenizer
from keras.utils import pad_sequences
folder, texts = Path(sys.argv[1]), eval(sys.argv[2])
tokenizer = Tokenizer(num_words=14, oov_token="<OOV>")
tokenizer.fit_on_texts(texts)
keras.utils.set_random_seed(3)
layers = keras.layers
score = layers.Dense(1, activation="sigmoid")
model = keras.Sequential([keras.Input((20,)), layers.Embedding(14, 6), layers.LSTM(5), score])
model.save(folder / "model_pre.h5")
(folder / "tokenizer_pre.pickle").write_bytes(pickle.dumps(tokenizer))
rows = pad_sequences(tokenizer.texts_to_sequences(texts), maxlen=20)
np.save(folder / "rows.npy", rows)
np.save(folder / "scores.npy", model.predict(rows, verbose=0)[:, 0])
"""


class Shell:
    def __reduce__(self) -> Any:
        return os.system, ("touch /tmp/moksori-was-here",)


class Tree:
    def __reduce__(self) -> Any:
        return eval, ("1",)


@pytest.fixture(scope="module")
def legacy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("legacy")
    command = [sys.executable, "-W", "ignore", "-c", MAKE, str(folder), repr(TEXTS)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=280)
    return folder


def take_over(legacy: Path, store: Path, *more: str) -> subprocess.CompletedProcess[str]:
    files = ["--network", str(legacy / "model_pre.h5"), "--tokenizer", str(legacy / "tokenizer_pre.pickle")]
    command = [sys.executable, "-m", "scripts.import_legacy", *files, "--store", str(store), *more]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)


@pytest.mark.timeout(600)
def test_the_served_scores_are_those_of_the_original(legacy: Path, tmp_path: Path) -> None:
    done = take_over(legacy, tmp_path, "--activate")
    assert done.returncode == 0, done.stderr[-2000:]
    version = open_version(tmp_path, "text")
    assert version.manifest["type"] == "legacy_keras_text"
    model = load_text_model(version)
    assert np.allclose(model.predict_proba(TEXTS), np.load(legacy / "scores.npy"), rtol=0, atol=1e-5)
    assert model.explain(TEXTS[0])
    assert model.explain("") == ()
    assert [listed.status for listed in list_versions(tmp_path, "text")] == ["active"]


def test_texts_become_the_same_numbers_without_keras(legacy: Path) -> None:
    tokenizer = LegacyTokenizer.from_dict(read_tokenizer(legacy / "tokenizer_pre.pickle"))
    found = tokenizer.matrix(TEXTS, LENGTH, padding="pre", truncating="pre")
    assert np.array_equal(found, np.load(legacy / "rows.npy"))
    assert tokenizer.matrix(["이체"], 3, padding="post", truncating="post")[0, 1:].tolist() == [0, 0]


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps(Shell()),
        pickle.dumps(Tree()),
        pickle.dumps({"tokenizer": Shell()}),
        pickle.dumps(collections.Counter("a")),
        b"cos\nsystem\n(S'touch /tmp/moksori-was-here'\ntR.",
        b"ckeras.preprocessing.text\ntokenizer_from_json\n(S'{}'\ntR.",
        b"cbuiltins\ngetattr\n(cbuiltins\nint\nS'__class__'\ntR.",
        b"ckeras.preprocessing.text\nTokenizer.fit_on_texts\n.",
        pickle.dumps(["no tokenizer"]),
        pickle.dumps(collections.OrderedDict()),
        b"",
        b"\x80\x05",
        b"not a pickle",
    ],
)
def test_whatever_is_no_tokenizer_is_refused_and_nothing_is_run(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tokenizer_pre.pickle"
    path.write_bytes(content)
    with pytest.raises(ModelRefused):
        read_tokenizer(path)
    assert not Path("/tmp/moksori-was-here").exists()


def test_a_tokenizer_with_strange_attributes_is_refused() -> None:
    good = {"word_index": {"a": 1}, "num_words": None, "filters": "", "split": " ", "lower": True}
    assert LegacyTokenizer.from_dict(good).sequence("a b") == [1]
    for change in (
        {"word_index": {}},
        {"word_index": {"a": "x"}},
        {"split": 7},
        {"analyzer": print},
        {"num_words": "3"},
    ):
        with pytest.raises(ValueError, match="Tokenizer"):
            LegacyTokenizer.from_dict({**good, **change})

"""Unseen calls: figures as counted by hand, and no file the model has learned."""

import json
from pathlib import Path

import pytest

from models import registry
from scripts import evaluate_unseen
from tests.unit.training.examples import CALM, SCAM, call, publish_small

CONFUSIONS = "op,reference,hypothesis,count,reference_total\nsub,전,정,3,100\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data" / "text").mkdir(parents=True)
    (tmp_path / "data" / "text" / "stt_confusions.csv").write_text(CONFUSIONS, "utf-8")
    return tmp_path / "data"


def write(path: Path, kinds: list[str]) -> Path:
    calls = [call(kind, number) for number, kind in enumerate(kinds)]
    rows = [json.dumps({"id": c.id, "label": c.label, "text": c.text}, ensure_ascii=False) for c in calls]
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def test_a_model_that_parts_the_labels_has_full_marks(tmp_path, data, capsys):
    publish_small(tmp_path / "store")
    files = [write(tmp_path / f"{name}.jsonl", [SCAM, CALM] * 5) for name in ("one", "two")]
    arguments = [*map(str, files), "--store", str(tmp_path / "store"), "--data", str(data)]
    assert evaluate_unseen.main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| one.jsonl"] * 2 + ["| two.jsonl"] * 2 + ["| all"] * 2
    assert lines[2].split(" | ")[3:5] == ["1.000 [1.000, 1.000]"] * 2


def test_a_file_that_was_learned_is_refused(tmp_path, data, capsys):
    store = tmp_path / "store"
    publish_small(store)
    file = write(tmp_path / "known.jsonl", [SCAM, CALM])
    version = registry.open_version(store, "text")
    version.manifest["data"]["files"] = {"known.jsonl": {"sha256": registry.sha256(file), "rows": 2}}
    assert evaluate_unseen.learned(version, [file]) == ["known.jsonl"]
    file.write_text(file.read_text("utf-8") + "\n", "utf-8")
    assert evaluate_unseen.learned(version, [file]) == []


def test_a_store_without_a_model_is_told(tmp_path, data, capsys):
    file = write(tmp_path / "calls.jsonl", [SCAM, CALM])
    assert evaluate_unseen.main([str(file), "--store", str(tmp_path / "store"), "--data", str(data)]) == 1
    assert "evaluate_unseen:" in capsys.readouterr().err

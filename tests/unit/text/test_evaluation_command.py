"""The whole command on a small data folder: first run trains, second run reads what was held out."""

import csv
import json

import pytest

from models.text import data, zoo
from models.text.evaluation import intervals, run, views
from scripts import evaluate_text

HEADER = ["id", "source", "label", "kind", "text"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Our own calls as three found sources, each with its own batch, beside a few of our own."""
    own = data.load_corpus()
    lines = {
        row["id"]: row["text"]
        for path in sorted(data.CORPUS.glob("*.jsonl"))
        for row in map(json.loads, path.read_text("utf-8").splitlines())
    }
    (tmp_path / "text").mkdir()
    for name, letter in (("one", "a"), ("two", "c"), ("three", "e")):
        with (tmp_path / "text" / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(
                [call.id, name, call.label, "", lines[call.id]]
                for call in own
                if f"{letter}001" <= call.id <= f"{letter}080"
            )
    (tmp_path / "text" / data.NOISE_TABLE).write_text(
        "op,reference,hypothesis,count\nsub,가,까,3\nins,,음,2\n", "utf-8"
    )
    kept = [call for call in own if call.id[0] in "bdfh"][::6]
    monkeypatch.setattr(data, "load_corpus", lambda: kept)
    monkeypatch.setattr(run, "own_words", lambda: views.own_words()[:3000])
    monkeypatch.setattr(intervals, "DRAWS", 50)
    return tmp_path


def test_the_command_writes_every_file_and_keeps_what_was_held_out(folder, tmp_path, monkeypatch, capsys):
    out, document = tmp_path / "out", tmp_path / "page.md"
    document.write_text("<!-- all -->\n<!-- /all -->\n", "utf-8")
    assert evaluate_text.main(["--data", str(folder), "--out", str(out), "--document", str(document)]) == 0
    plots = {f"linear-{kind}.png" for kind in ("roc", "det", "reliability", "confusion")}
    assert {path.name for path in out.iterdir()} == {"cache", "report.md", "figures.csv", *plots}
    assert all((out / name).read_bytes().startswith(b"\x89PNG") for name in plots)
    assert "| three |" in document.read_text("utf-8").replace(" **✗**", "")
    assert "| must show |" in capsys.readouterr().out

    monkeypatch.setattr(zoo, "kind", lambda name: zoo.Kind(None, None, zoo.KINDS[name].load))  # nothing can be trained
    again = run.Run("linear", run.material(folder), out / "cache")
    assert again.held_out().sources == ["corpus", "one", "three", "two"]
    assert again.served(again.held_out())[0].predict_proba(["여보세요 잘 지내셨어요"]).shape == (1,)


def test_without_data_the_command_says_so(tmp_path):
    with pytest.raises(SystemExit) as stopped:
        evaluate_text.main(["--data", str(tmp_path), "--out", str(tmp_path / "out")])
    assert stopped.value.code == 2


def test_every_type_names_the_code_that_trains_it():
    assert {kind: run.trained_in(kind) for kind in ("linear", "cnn_bilstm", "not_written_yet")} == {
        "linear": "models.text.fit_linear",
        "cnn_bilstm": "models.text.fit_cnn",
        "not_written_yet": "models.text.zoo",
    }

"""Types and amounts are compared on batches that nothing learned."""

import json
from pathlib import Path

import pytest

from models.text import data
from scripts import compare_text
from tests.unit.training.examples import CALM, SCAM, call

CONFUSIONS = "op,reference,hypothesis,count,reference_total\nsub,전,정,3,100\n"
SOURCE = "id,text,label\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "data" / "text").mkdir(parents=True)
    (tmp_path / "data" / "text" / "stt_confusions.csv").write_text(CONFUSIONS, "utf-8")
    (tmp_path / "data" / "text" / "found.csv").write_text(f"{SOURCE}1,{call(CALM, 900).text},0\n", "utf-8")
    calls = [call(SCAM if number % 2 else CALM, number) for number in range(90)]
    for place, batch in enumerate(("a", "z", "aa")):
        rows = [
            {"id": f"{batch}{number:03d}", "label": one.label, "text": one.text}
            for number, one in enumerate(calls[place * 30 : place * 30 + 30])
        ]
        file = tmp_path / f"batch_{batch}.jsonl"
        file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", "utf-8")
    load = data.load_corpus
    monkeypatch.setattr(data, "load_corpus", lambda: load(tmp_path))
    return tmp_path / "data"


def test_every_type_and_amount_has_a_row(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--data", str(folder), "--held-out", "aa", "--models", "linear", "nb", "--batches", "1", "2"]
    assert compare_text.main(arguments) == 0
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines()[2:]]
    assert [(row[0], row[1]) for row in rows] == [
        ("| `linear`", "30"),
        ("| `linear`", "60"),
        ("| `nb`", "30"),
        ("| `nb`", "60"),
    ]
    assert all(row[2].startswith("1.000") for row in rows)


def test_an_unknown_batch_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        compare_text.main(["--data", str(folder), "--held-out", "qq"])
    assert end.value.code == 2
    assert "qq" in capsys.readouterr().err


def test_batches_stand_in_the_order_they_were_written() -> None:
    assert compare_text.in_order({"b", "aa", "z", "ab", "a"}) == ["a", "b", "z", "aa", "ab"]

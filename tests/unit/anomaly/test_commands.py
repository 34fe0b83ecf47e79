"""The commands, as they are typed."""

import csv
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from models.registry import list_versions, open_version
from scripts import evaluate_deep_voice, train_anomaly
from tests.unit.anomaly.tables import broken, genuine


def write(path: Path, rows: np.ndarray) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["day", "a", "b", "c", "d", "e"])
        writer.writerows([f"2026-01-{1 + i // 20:02}", *row] for i, row in enumerate(rows.tolist()))
    return path


def test_a_csv_file_with_dates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "t.csv", genuine(200, seed=0))
    options = ["--date-column", "day", "--train-days", "7", "--detectors", "aakr", "ica", "--activate", "aakr"]
    assert train_anomaly.main([str(path), *options, "--store", str(tmp_path / "store")]) == 0
    active = open_version(tmp_path / "store", "anomaly")
    assert active.manifest["type"] == "aakr"
    assert active.manifest["window"] == 3
    assert active.manifest["data"]["train_rows"] == 140
    assert active.name in capsys.readouterr().out
    assert len(list_versions(tmp_path / "store", "anomaly")) == 2


def test_a_query_reads_and_keeps_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/t.sqlite3"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (a REAL, b REAL, c REAL, d REAL, e REAL)"))
        rows = [dict(zip("abcde", row, strict=True)) for row in genuine(100, seed=0).tolist()]
        connection.execute(text("INSERT INTO t VALUES (:a, :b, :c, :d, :e)"), rows)
    engine.dispose()
    options = ["--database-url", url, "--detectors", "ica", "--store", str(tmp_path / "store")]
    assert train_anomaly.main(["--query", "SELECT a, b, c FROM t", *options]) == 0
    (found,) = list_versions(tmp_path / "store", "anomaly")
    assert found.manifest["data"]["columns"] == ["a", "b", "c"]
    assert found.manifest["data"]["rows"] == 100
    for refused in ("DELETE FROM t", "SELECT a FROM nowhere"):
        with pytest.raises(SystemExit) as stopped:
            train_anomaly.main(["--query", refused, *options])
        assert stopped.value.code == 2


@pytest.mark.parametrize("arguments", [[], ["t.csv", "--query", "SELECT 1"], ["missing.csv"]])
def test_bad_arguments_are_refused(arguments: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        train_anomaly.main([*arguments, "--store", str(tmp_path)])
    assert stopped.value.code == 2


def test_the_deep_voice_table_is_measured_fold_by_fold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = np.concatenate([np.c_[genuine(400, seed=0), np.zeros(400)], np.c_[broken(400, seed=1), np.ones(400)]])
    (tmp_path / "voice").mkdir()
    np.savetxt(tmp_path / evaluate_deep_voice.FILE, rows, delimiter=",", header="a,b,c,d,e,label")
    assert evaluate_deep_voice.main(["--data", str(tmp_path), "--folds", "3", "--trees", "150"]) == 0
    means = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| mean |")]
    assert len(means) == 2
    accuracy, f1, eer = (float(cell.split("±")[0]) for cell in means[0].split("|")[2:5])
    assert 0.8 < accuracy < 1.0
    assert f1 == pytest.approx(accuracy, abs=0.01)
    assert eer == pytest.approx(1.0 - accuracy, abs=0.05)

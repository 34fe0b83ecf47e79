import tempfile
from pathlib import Path

import pytest

from scripts import bench_records


def test_every_question_is_timed_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    assert bench_records.main(["--rows", "300"]) == 0

    assert capsys.readouterr().out.count(" ms, worst ") == 9
    assert list(tmp_path.iterdir()) == []


def test_a_slow_question_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_records, "MAX_S", 0.0)
    assert bench_records.main(["--rows", "30"]) == 1


def test_an_existing_sqlite_file_is_never_loaded_into(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "precious.sqlite3"
    assert bench_records.main(["--rows", "30", "--database-url", f"sqlite:///{path}"]) == 1
    assert not path.exists()
    assert "temporary" in capsys.readouterr().err

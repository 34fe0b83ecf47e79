import re
import tempfile
from pathlib import Path

import pytest

from scripts import bench_reroll


def test_every_row_is_scored_again_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    assert bench_reroll.main(["--rows", "300"]) == 0

    printed = capsys.readouterr().out
    assert printed.startswith("300 of 300 transcripts")
    assert re.search(r"resident \d+ MB after 20% of them, at most \d+ MB", printed)
    assert list(tmp_path.iterdir()) == []


def test_a_pass_that_needs_more_memory_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_reroll, "MAX_GROWTH_MB", -1.0)
    assert bench_reroll.main(["--rows", "30"]) == 1

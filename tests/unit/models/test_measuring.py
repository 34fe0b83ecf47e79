"""Speed is that of one core."""

import os
from pathlib import Path

import pytest

from models.measuring import median_ms, megabytes


def test_time_is_taken_on_one_core_and_the_cores_come_back() -> None:
    before = os.sched_getaffinity(0)
    seen: list[int] = []
    taken = median_ms(lambda: seen.append(len(os.sched_getaffinity(0))), repeats=3)
    assert seen == [1, 1, 1, 1]
    assert 0.0 <= taken < 1000.0
    assert os.sched_getaffinity(0) == before


def test_the_size_of_an_artefact_is_that_of_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "member").mkdir()
    (tmp_path / "member" / "weights").write_bytes(b"0" * 500_000)
    assert megabytes(tmp_path) == pytest.approx(0.5)

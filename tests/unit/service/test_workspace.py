import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import ROOT
from service.workspace import sweep, workspace


def test_the_folder_is_gone_afterwards_even_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), workspace(tmp_path, "job") as folder:
        (folder / "call.wav").touch()
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_swept_and_a_running_job_is_not(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys; from service.workspace import workspace\n"
        f"with workspace(pathlib.Path({str(tmp_path)!r}), 'killed'): os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == -9
    assert (tmp_path / "killed").is_dir()
    with workspace(tmp_path, "running") as folder:
        assert sweep(tmp_path) == ["killed"]
        assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_sweeping_a_folder_that_is_not_there_is_fine(tmp_path: Path) -> None:
    assert sweep(tmp_path / "nothing") == []

"""A version appears whole or not at all, whoever publishes beside it and whatever was killed before."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import ModelRefused
from core.settings import ROOT
from models.registry import list_versions, open_version, publish
from tests.unit.models.versions import KEPT, MANIFEST, add, fill

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WRITER = """
import sys, time
from pathlib import Path
from models.registry import publish
from tests.unit.models.versions import MANIFEST

def write(folder):
    (folder / "half.npz").write_bytes(b"half")
    print(folder.name, flush=True)
    time.sleep(60)

publish(Path(sys.argv[1]), "text", write, manifest=MANIFEST)
"""


def left_behind(store: Path) -> list[str]:
    return sorted(path.name for path in (store / "text").glob(".[!l]*"))


def test_a_version_is_named_by_time_and_content(tmp_path: Path) -> None:
    version = add(tmp_path, now=NOW)
    assert version.name.startswith("20260301T000000Z-")
    assert add(tmp_path, {"weights.npz": b"other"}, now=NOW).name != version.name
    assert left_behind(tmp_path) == []


def test_the_same_to_the_last_byte_is_the_same_version(tmp_path: Path) -> None:
    assert add(tmp_path, now=NOW) == add(tmp_path, now=NOW)


def test_a_figure_that_could_not_be_told_is_null_because_nan_is_no_json(tmp_path: Path) -> None:
    version = publish(tmp_path, "text", fill(KEPT), manifest={**MANIFEST, "metrics": {"eer": float("nan")}})
    assert version.manifest["metrics"] == {"eer": None}
    assert "NaN" not in (version.folder / "manifest.json").read_text("utf-8")


def test_publishers_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: add(tmp_path, {"weights.npz": bytes([n // 2])}, now=NOW).name, range(24)))
    assert len(set(made)) == 12
    assert {listed.name for listed in list_versions(tmp_path, "text")} == set(made)
    assert all(open_version(tmp_path, "text", name) for name in made)
    assert left_behind(tmp_path) == []


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half.npz").write_bytes(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        publish(tmp_path, "text", fail, manifest=MANIFEST)
    assert (left_behind(tmp_path), list_versions(tmp_path, "text")) == ([], ())


def test_what_a_killed_publisher_left_is_removed_and_what_a_living_one_fills_is_not(tmp_path: Path) -> None:
    with _writer(tmp_path) as living, _writer(tmp_path) as killed:
        mine, its = (str(process.stdout.readline().strip()) for process in (living, killed) if process.stdout)
        killed.send_signal(signal.SIGKILL)
        killed.wait(10)
        assert left_behind(tmp_path) == sorted([mine, its])

        add(tmp_path)

        assert left_behind(tmp_path) == [mine]
        a_day_ago = time.time() - 25 * 3600
        os.utime(tmp_path / "text" / mine, (a_day_ago, a_day_ago))
        add(tmp_path)
        assert left_behind(tmp_path) == []
        living.kill()


def test_half_a_pointer_is_removed(tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / ".writing-x").write_text("{")
    add(tmp_path)
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(
    "change", [{"thresholds": {}}, {"threshold_method": "unknown"}, *({key: ...} for key in MANIFEST)]
)
def test_a_manifest_that_lacks_something_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    manifest = {key: value for key, value in {**MANIFEST, **change}.items() if value is not ...}
    with pytest.raises(ValueError, match="cannot publish"):
        publish(tmp_path, "text", fill(KEPT), manifest=manifest)
    assert not (tmp_path / "text").exists()


@pytest.mark.parametrize("line", ["", "../x", "A", "x" * 33])
def test_a_line_needs_a_name(tmp_path: Path, line: str) -> None:
    with pytest.raises(ModelRefused, match="line"):
        add(tmp_path, line=line)


def test_everybody_may_read_a_version(tmp_path: Path) -> None:
    version = add(tmp_path)
    modes = {oct(path.stat().st_mode)[-3:] for path in version.folder.rglob("*") if path.is_file()}
    assert (modes, oct(version.folder.stat().st_mode)[-3:]) == ({"644"}, "755")


def _writer(store: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", WRITER, str(store)], cwd=ROOT, stdout=subprocess.PIPE, text=True)

import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import ModelRefused, NotFound, Unavailable, UpdateRunning
from core.evidence import RowFilter, UpdateRun
from service.update_lock import alone, is_running
from service.update_runs import RecordedUpdates
from service.update_wanted import Done, Wanted, described, from_json, to_json

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOLD = (
    "import sys, time; from pathlib import Path; from service.update_lock import alone\n"
    "with alone(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
)


class MemoryRuns:
    def __init__(self) -> None:
        self.runs: dict[str, UpdateRun] = {}

    def add(self, run: UpdateRun) -> None:
        self.runs.setdefault(run.id, run)

    def begin(self, id: str, *, now: datetime) -> None:
        self.runs[id] = replace(self.runs[id], status="running", started_date=now)

    def end(self, id: str, *, failed: bool, code: int, summary: str, now: datetime, **rest: Any) -> None:
        status = "failed" if failed else "done"
        self.runs[id] = replace(
            self.runs[id], status=status, exit_code=code, summary=summary, finished_date=now, **rest
        )

    def get(self, id: str) -> UpdateRun | None:
        return self.runs.get(id)


def sleeper(*_: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", "raise SystemExit(7)"])


@pytest.fixture
def runs() -> MemoryRuns:
    return MemoryRuns()


@pytest.fixture
def updates(runs: MemoryRuns, tmp_path: Path) -> RecordedUpdates:
    return RecordedUpdates(runs, tmp_path, sleeper, lambda: NOW)


def test_a_run_is_written_down_from_queued_to_its_end(updates: RecordedUpdates, runs: MemoryRuns) -> None:
    id = updates.add(Wanted()).id
    assert runs.runs[id].status == "queued"

    def work() -> Done:
        assert runs.runs[id].status == "running"
        assert is_running(updates._store)
        return Done(0, "promoted", "v", {"a": 1})

    assert updates.run(id, work).code == 0
    ended = runs.runs[id]
    assert (ended.status, ended.exit_code, ended.version, ended.report) == ("done", 0, "v", {"a": 1})
    assert not is_running(updates._store)


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [(ModelRefused("no active model"), 6, "failed"), (Unavailable("the database does not answer"), 1, "failed")],
)
def test_an_expected_error_ends_it_with_a_code(
    updates: RecordedUpdates, runs: MemoryRuns, error: Exception, code: int, status: str
) -> None:
    def work() -> Done:
        raise error

    id = updates.add(Wanted()).id
    assert updates.run(id, work).code == code
    assert (runs.runs[id].status, runs.runs[id].exit_code) == (status, code)


def test_a_library_that_is_not_installed_is_named_with_the_way_to_get_it(
    updates: RecordedUpdates, runs: MemoryRuns
) -> None:
    def work() -> Done:
        raise ModuleNotFoundError("No module named 'matplotlib'", name="matplotlib")

    done = updates.run(updates.add(Wanted()).id, work)
    assert (done.code, done.summary) == (6, "matplotlib is not installed: pip install -r requirements-train.txt")
    (run,) = runs.runs.values()
    assert (run.status, run.exit_code, run.summary) == ("failed", 6, done.summary)


def test_an_unexpected_error_is_written_down_by_its_kind_only_and_goes_on(
    updates: RecordedUpdates, runs: MemoryRuns
) -> None:
    def work() -> Done:
        raise ValueError("what a customer said")

    id = updates.add(Wanted()).id
    with pytest.raises(ValueError, match="customer"):
        updates.run(id, work)
    assert runs.runs[id].summary == "unexpected ValueError"


def test_a_second_update_ends_with_5_and_the_first_is_not_disturbed(updates: RecordedUpdates, runs: MemoryRuns) -> None:
    id = updates.add(Wanted()).id
    with alone(updates._store):
        assert updates.run(id, lambda: Done(0, "never")).code == 5
        with pytest.raises(UpdateRunning):
            updates.start(Wanted())
        assert is_running(updates._store)
    assert runs.runs[id].status == "done"


def test_asking_whether_one_runs_does_not_keep_one_from_starting(tmp_path: Path) -> None:
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            is_running(tmp_path)

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        for _ in range(50):
            with alone(tmp_path):
                pass
    finally:
        stop.set()
        asker.join()


def test_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert is_running(tmp_path)
        holder.kill()
    assert not is_running(tmp_path)


def test_a_started_process_that_dies_without_a_word_leaves_a_failed_run(
    updates: RecordedUpdates, runs: MemoryRuns
) -> None:
    id = updates.start(Wanted()).id
    deadline = time.monotonic() + 10
    while runs.runs[id].status == "queued" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert (runs.runs[id].status, runs.runs[id].summary) == ("failed", "the process ended with exit code 7")


def test_a_run_whose_process_is_gone_is_shown_as_failed(updates: RecordedUpdates, runs: MemoryRuns) -> None:
    id = updates.add(Wanted()).id
    assert updates.get(id).status == "queued"
    runs.begin(id, now=NOW)
    assert updates.get(id).status == "failed"
    with alone(updates._store):
        assert updates.get(id).status == "running"
    late = RecordedUpdates(runs, updates._store, sleeper, lambda: NOW + timedelta(hours=1))
    waiting = updates.add(Wanted()).id
    assert late.get(waiting).status == "failed"


def test_an_unknown_run_is_not_found(updates: RecordedUpdates) -> None:
    with pytest.raises(NotFound):
        updates.get("x")


def test_whose_calls_are_meant_reaches_the_process_and_not_the_table() -> None:
    wanted = Wanted(RowFilter("user-1", NOW, None, "site-1/"), "site-1", False, Path("/data"), True, 7, "voice")
    assert from_json(to_json(wanted)) == wanted
    written: Mapping[str, Any] = described(wanted)
    assert "user-1" not in str(written)
    assert written["one_user"] is True

"""Model updates that are written down: run here, or started in a process of their own and asked for later."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from core.errors import MoksoriError, NotFound, UpdateRunning
from core.evidence import UpdateRun
from core.settings import ROOT
from service.update_lock import alone, is_running
from service.update_wanted import FAILED, NOT_POSSIBLE, RUNNING, Done, Wanted, described, not_installed, to_json

STARTS_WITHIN = timedelta(minutes=5)
log = logging.getLogger(__name__)
Launch = Callable[[str, Wanted], "subprocess.Popen[bytes]"]


class Runs(Protocol):
    """Where runs are written down; see ``db.update_runs``."""

    def add(self, run: UpdateRun) -> None:
        """Write a run down."""
        ...

    def begin(self, id: str, *, now: datetime) -> None:
        """Note that it has begun."""
        ...

    def end(
        self,
        id: str,
        *,
        failed: bool,
        code: int,
        summary: str,
        version: str | None,
        report: Mapping[str, Any],
        now: datetime,
    ) -> None:
        """Note how it ended."""
        ...

    def get(self, id: str) -> UpdateRun | None:
        """Return a run, or None."""
        ...


class RecordedUpdates:
    """Runs updates one at a time per store, or starts them, and knows what became of each."""

    def __init__(self, runs: Runs, store: Path, launch: Launch, clock: Callable[[], datetime] | None = None) -> None:
        self._runs, self._store, self._launch = runs, store, launch
        self._clock = clock or (lambda: datetime.now(UTC))
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def add(self, wanted: Wanted, id: str | None = None) -> UpdateRun:
        """Write down what is wanted; not whose calls they are."""
        run = UpdateRun(id or str(uuid.uuid4()), wanted.kind, "queued", described(wanted), self._clock())
        self._runs.add(run)
        return run

    def run(self, id: str, work: Callable[[], Done]) -> Done:
        """Run a recorded update in this process and return how it ended.

        What the service does not raise on purpose is written down by its kind only, and goes on.
        """
        try:
            with alone(self._store):
                self._runs.begin(id, now=self._clock())
                done = work()
                self._end(id, done)
        except UpdateRunning as error:
            done = Done(RUNNING, error.message)
            self._end(id, done)
        except MoksoriError as error:
            done = Done(NOT_POSSIBLE if error.code == "model_refused" else FAILED, error.message)
            self._end(id, done)
        except ModuleNotFoundError as error:
            done = not_installed(error)
            self._end(id, done)
        except Exception as error:
            self._end(id, Done(FAILED, f"unexpected {type(error).__name__}"))
            raise
        return done

    def start(self, wanted: Wanted) -> UpdateRun:
        """Start an update in a process of its own.

        Raises:
            UpdateRunning: when one is running.
        """
        with self._starting:
            if is_running(self._store) or (self._process is not None and self._process.poll() is None):
                raise UpdateRunning("another model update is running; ask again when it has ended")
            run = self.add(wanted)
            self._process = process = self._launch(run.id, wanted)
        threading.Thread(target=self._wait, args=(run.id, process), daemon=True, name="model-update").start()
        return run

    def get(self, id: str) -> UpdateRun:
        """Return a run. One whose process is gone without a word is failed.

        Raises:
            NotFound: when there is none of that id.
        """
        run = self._runs.get(id)
        if run is None:
            raise NotFound("there is no model update of that id")
        late = run.status == "queued" and self._clock() - run.created_date > STARTS_WITHIN
        if (run.status == "running" or late) and not is_running(self._store):
            again = self._runs.get(id)  # it may have ended between the two looks
            if again is not None and again.status == run.status:
                return replace(again, status="failed", summary="the process of this update ended without a word")
            return again or run
        return run

    def _wait(self, id: str, process: subprocess.Popen[bytes]) -> None:
        """Wait for the process, so that it leaves no zombie, and write down what it could not."""
        code = process.wait()
        try:
            run = self._runs.get(id)
            if run is not None and run.status in {"queued", "running"}:
                self._end(id, Done(FAILED, f"the process ended with exit code {code}"))
        except MoksoriError as error:
            log.warning("model update %s: %s", id, error.message)

    def _end(self, id: str, done: Done) -> None:
        self._runs.end(
            id,
            failed=done.code in {FAILED, NOT_POSSIBLE},
            code=done.code,
            summary=done.summary,
            version=done.version,
            report=done.report,
            now=self._clock(),
        )


def launcher(environment: Mapping[str, str]) -> Launch:
    """Return what starts ``scripts.model_update`` in a process of its own; its environment is ours and this on top."""

    def launch(id: str, wanted: Wanted) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603  (our own interpreter and arguments)
            [sys.executable, "-m", "scripts.model_update", "--run", id],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        if process.stdin is not None:
            with process.stdin as stdin:  # whose calls are meant goes by stdin, unseen by ps
                stdin.write(json.dumps(to_json(wanted)).encode())
        return process

    return launch

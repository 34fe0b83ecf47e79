"""Accept, wait for, follow, cancel and erase analyses."""

from __future__ import annotations

import hashlib
import json
import queue
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from core.errors import BadAudio, Busy, NotFound, TooLarge, Unanswered, Unavailable, restore
from core.types import PROGRESS, Analysis, NewAnalysis, Request, RunningScore, Stage, Status
from service.places import Places
from service.ports import Callbacks, Runner, Store
from service.reports import Courier
from service.results import Results

POLL_S = 0.25


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an analysis; the last one carries it as it ended.

    With ``running`` it is no milestone but a new score of what was heard so far.
    """

    id: str
    what: Stage | Analysis
    running: RunningScore | None = None


END = "end"
"""Id of the last event."""


class Analyses:
    """The use cases around one analysis. The row is the truth; who runs it is not known here."""

    def __init__(
        self,
        *,
        store: Store,
        runner: Runner,
        callbacks: Callbacks,
        courier: Courier,
        places: Places,
        results: Results,
        max_queued: int,
        max_waiting: int,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store, self._runner, self._callbacks, self._courier = store, runner, callbacks, courier
        self._places, self._results = places, results
        self._max_queued = max_queued
        self._waiting = threading.BoundedSemaphore(max_waiting)
        self._clock = clock

    def submit(
        self, new: NewAnalysis, *, save_upload: Callable[[Path], None] | None = None, key: str | None = None
    ) -> Analysis:
        """Commit a recording to be analysed and return its row, or that of an earlier request of the same ``key``.

        ``save_upload`` writes an uploaded file to the path it is given; without it the file is the
        one that ``new.audio_file`` names under the audio root.

        Raises:
            MoksoriError: when the request is refused; nothing is stored or left on disk then.
            Unanswered: when that cannot be told; an upload is kept in case its row was committed.
        """
        return self._submit(str(uuid.uuid4()), new, save_upload, key)

    def _submit(
        self, id: str, new: NewAnalysis, save_upload: Callable[[Path], None] | None, key: str | None
    ) -> Analysis:
        if new.callback_url:
            self._callbacks.check(new.callback_url)
        try:
            new, digest = self._receive(id, new, save_upload)
            request = Request(key, digest) if key else None
            stored = self._store.add(new, id=id, now=self._clock(), request=request, max_queued=self._max_queued)
        except Unanswered:
            raise  # a committed row is run and needs its upload; without one, housekeeping removes it
        except BaseException:
            self._places.forget_upload(id)
            raise
        if stored.id == id:
            self._runner.submit(stored)
        else:
            self._places.forget_upload(id)
        return stored

    def analyse(
        self, new: NewAnalysis, *, save_upload: Callable[[Path], None] | None = None, key: str | None = None
    ) -> Analysis:
        """Submit and wait for the end. The work goes on when the caller hangs up.

        Raises:
            MoksoriError: as ``submit``, and when the analysis failed; a row is kept except for bad audio.
        """
        id = str(uuid.uuid4())
        with self.waiting(), self._results.expect(id) as slot:
            stored = self._submit(id, new, save_upload, key)
            if stored.id == id:
                return self._wait(id, slot)
            with self._results.expect(stored.id) as other:
                return self._wait(stored.id, other)

    def _wait(self, id: str, slot: queue.SimpleQueue[Analysis]) -> Analysis:
        """Return the analysis once it has ended, or raise what it failed with."""
        while True:
            analysis = self._ended(id)
            if analysis is None:
                try:
                    analysis = slot.get(timeout=POLL_S)
                except queue.Empty:
                    continue
            if analysis.status is not Status.FAILED:
                return analysis
            error = restore(analysis.error or {})
            if isinstance(error, BadAudio | TooLarge):
                self._store.remove(id)  # the caller is told at once: a refused request leaves no row behind
            raise error

    def get(self, id: str) -> Analysis:
        """Return a stored analysis, while it runs with the score so far, or raise ``NotFound``."""
        analysis = self._store.get(id)
        if analysis is None:
            raise NotFound("there is no analysis of that id")
        return replace(analysis, running=self._store.running(id)) if analysis.status is Status.RUNNING else analysis

    def delete(self, id: str) -> Analysis | None:
        """Cancel an analysis that has not ended and return it; erase one that has, files included, and return None.

        A running one stops at its next chunk.
        """
        cancelled = self._store.cancel(id, now=self._clock())
        if cancelled is None:
            self.get(id)
            self._store.remove(id)
            self._places.erase(id)
            return None
        self._places.forget_upload(id)
        if self._callbacks.wanted(cancelled.callback_url):
            self._courier.send_final(cancelled)
        return cancelled

    def follow(self, id: str, *, after: str | None = None) -> Iterator[Event | None]:
        """Yield what happens to an analysis, each event once, from the one after ``after``; None while nothing does.

        What happened before is told first, so it does not matter which process is asked. While the call is heard
        each new score so far is told as well; who comes back is told the newest again.

        Raises:
            NotFound: when there is no such analysis (any more).
        """
        told = int(after) if after and after.isdecimal() else 0
        heard: RunningScore | None = None
        while after != END:
            try:
                status, progress = self._state(id)
                hearing = status is Status.RUNNING and progress == PROGRESS[Stage.CHUNKED]
                score = self._store.running(id) if hearing else heard
            except Unavailable:
                yield None
                continue
            for stage in Stage:
                if told < PROGRESS[stage] <= progress:
                    told = PROGRESS[stage]
                    yield Event(str(told), stage)
            if score is not None and score != heard:
                heard = score
                yield Event(str(told), Stage.CHUNKED, score)
            if status in (Status.QUEUED, Status.RUNNING):
                yield None
                continue
            yield Event(END, self.get(id))
            return

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Hold one of the places for requests that stay open; raises ``Busy`` when there is none."""
        if not self._waiting.acquire(blocking=False):
            raise Busy("too many requests wait for their result; send Prefer: respond-async, or try again later")
        try:
            yield
        finally:
            self._waiting.release()

    def _receive(
        self, id: str, new: NewAnalysis, save_upload: Callable[[Path], None] | None
    ) -> tuple[NewAnalysis, str]:
        """Take the recording and return what to store and a digest of everything that was sent."""
        sent = [new.user_id, new.declaration, new.audio_file, new.callback_url]
        if save_upload is not None:
            new = replace(new, uploaded=True)
            path = self._places.new_upload(id)
            save_upload(path)
            self._places.check(path)
            with path.open("rb") as file:
                sent.append(hashlib.file_digest(file, "sha256").hexdigest())
        else:
            self._places.audio(id, new)
        return new, hashlib.sha256(json.dumps(sent).encode()).hexdigest()

    def _state(self, id: str) -> tuple[Status, int]:
        state = self._store.state(id)
        if state is None:
            raise NotFound("there is no analysis of that id")
        return state

    def _ended(self, id: str) -> Analysis | None:
        try:
            status, _ = self._state(id)
            return None if status in (Status.QUEUED, Status.RUNNING) else self.get(id)
        except Unavailable:
            return None

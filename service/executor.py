"""One claimed analysis from its file to its end, whoever runs it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from core.errors import GaveUp, MoksoriError, NotFound, Unavailable
from core.types import PROGRESS, SAMPLE_RATE_HZ, Analysis, CallResult, Claim, RunningScore, Segment, Stage, Status
from pipeline.chunk import Chunk
from service.declaration import normalise_declaration
from service.masking import mask_result
from service.places import Places
from service.ports import Jobs, Line, Reporter
from service.pulse import Away, Flag, Lost, Pulse, Stopped, time_limit_s, unblamed
from service.reports import Courier, final, milestone
from service.results import Results
from service.workspace import workspace

log = logging.getLogger(__name__)


class Executor:
    """Runs claims, one at a time per thread."""

    def __init__(
        self,
        *,
        jobs: Jobs,
        line: Line,
        courier: Courier,
        places: Places,
        results: Results,
        lease_s: float,
        max_attempts: int,
        max_duration_s: float,
        stopping: Flag | None = None,
        mask: bool = False,
    ) -> None:
        self._jobs, self._line, self._courier = jobs, line, courier
        self._places, self._results = places, results
        self._lease_s, self._max_attempts, self._max_duration_s = lease_s, max_attempts, max_duration_s
        self._mask = mask
        self.stopping: Flag = stopping or threading.Event()
        """Set it to have every running analysis given back at its next chunk."""

    def run(self, claim: Claim) -> None:
        """Run a claimed analysis to its end. Never raises: how it ended stands in the row."""
        reporter = self._courier.open(claim.id, claim.new.callback_url)
        try:
            outcome = self._run(claim, reporter)
            if outcome is not None:
                self._places.forget_upload(claim.id)
                reporter.send(final(outcome))
                self._results.put(outcome)
        except Stopped:
            self._jobs.release(claim.id, claim.token, forgive=True)
        except Away:
            log.error("analysis %s is left to its lease: the database does not answer", claim.id)  # noqa: TRY400
        except MoksoriError as error:
            # The row still says running: when its lease is over somebody tries again.
            log.error("analysis %s is left to its lease: %s", claim.id, error.code)  # noqa: TRY400
        finally:
            reporter.close()

    def _run(self, claim: Claim, reporter: Reporter) -> Analysis | None:
        """Return the analysis as it ended, or None when it was not ours to end."""
        owes = self._courier.wanted(claim.new.callback_url)
        try:
            result = self._analyse(claim, reporter)
        except Lost:
            log.info("analysis %s is not ours any more", claim.id)
            return None
        except (Stopped, Away):
            raise
        except Exception as error:  # noqa: BLE001  (whatever it was, the row must say so)
            return self._fail(claim, error, owes=owes)
        try:
            stored: Analysis | None = self._jobs.finish(claim, result, owes_reports=owes)
        except NotFound:
            stored = None
        except Unavailable:
            log.exception("result of %s not stored: the database stayed away", claim.id)
            self._results.put(_unstored(claim, result))
            raise
        if stored is None or stored.status is Status.CANCELLED:
            self._places.erase(claim.id)  # at the last moment
            return None
        return stored if stored.is_final else None

    def _analyse(self, claim: Claim, reporter: Reporter) -> CallResult:
        if claim.attempt > self._max_attempts:
            raise GaveUp("the analysis was started several times and never came to an end", attempts=claim.attempt - 1)
        declaration = normalise_declaration(claim.new.declaration)
        if declaration != claim.new.declaration:  # a row that the gateway inserted itself
            with unblamed():
                self._jobs.set_declaration(claim, declaration)
        audio = self._places.audio(claim.id, claim.new)
        with (
            Pulse(self._jobs, claim, lease_s=self._lease_s, stopping=self.stopping) as pulse,
            workspace(self._places.work_dir, f"{claim.id}_{claim.token}") as folder,
        ):
            pulse.limit(time_limit_s(audio.stat().st_size, max_duration_s=self._max_duration_s))
            notes = JobNotes(self._jobs, claim, pulse, reporter)
            result = self._line(audio, work_dir=folder, report=notes.report, notebook=notes)
            self._places.keep_wav(claim.id, folder / "call.wav")
        # Chunk transcripts stay whole until the row ends, so that a call that is resumed gets the same scores.
        return mask_result(result) if self._mask else result

    def _fail(self, claim: Claim, error: Exception, *, owes: bool) -> Analysis | None:
        if not isinstance(error, MoksoriError):
            log.error("analysis %s failed", claim.id, exc_info=error)
        # Messages of foreign exceptions may hold what they worked on: only our own are stored.
        known = error if isinstance(error, MoksoriError) else MoksoriError("the analysis failed inside the service")
        reason = {"code": known.code, "message": known.message} | ({"detail": known.detail} if known.detail else {})
        if not self._jobs.fail(claim, reason, owes_reports=owes):
            return None
        return _ended(claim, Status.FAILED, error=reason)


class JobNotes:
    """What the line tells while it works, written down; implements ``pipeline.analyse.Notebook``."""

    def __init__(self, jobs: Jobs, claim: Claim, pulse: Pulse, reporter: Reporter) -> None:
        self._jobs, self._claim, self._pulse, self._reporter = jobs, claim, pulse, reporter
        with unblamed():
            self._known = jobs.chunks(claim.id) if claim.attempt > 1 else {}

    def recall(self, chunk: Chunk) -> tuple[Segment, ...] | None:
        """Return what an earlier attempt heard in a chunk."""
        return self._known.get(_samples(chunk))

    def keep(self, chunk: Chunk, segments: Sequence[Segment]) -> None:
        """Store what was heard; raises when the work should not go on."""
        self._pulse.check()
        try:
            held = self._jobs.keep_chunk(self._claim, *_samples(chunk), segments)
        except Unavailable:
            log.warning("chunk of %s not stored: a restart would hear it again", self._claim.id)
            return
        if not held:
            raise Lost

    def running(self, score: RunningScore) -> None:
        """Store the score so far; whoever follows the analysis sees it."""
        try:
            self._jobs.set_running(self._claim, score)
        except Unavailable:
            log.warning("running score of %s not stored: the database does not answer", self._claim.id)

    def report(self, stage: Stage) -> None:
        """Store and send a milestone; raises when the work should not go on."""
        self._pulse.check()
        try:
            if not self._jobs.progress(self._claim, PROGRESS[stage]):
                raise Lost
        except Unavailable:
            log.warning("progress of %s not stored: the database does not answer", self._claim.id)
        if PROGRESS[stage] > self._claim.reported:
            self._reporter.send(milestone(self._claim.id, self._claim.new, stage))


def _samples(chunk: Chunk) -> tuple[int, int]:
    return round(chunk.start_s * SAMPLE_RATE_HZ), round(chunk.end_s * SAMPLE_RATE_HZ)


def _ended(claim: Claim, status: Status, **more: object) -> Analysis:
    now, new = datetime.now(UTC), claim.new
    plain = {"user_id": new.user_id, "declaration": new.declaration, "audio_file": new.audio_file}
    values = {
        "id": claim.id,
        "status": status,
        "progress": 0,
        **plain,
        "created_date": now,
        "finished_date": now,
        **more,
    }
    return Analysis(**values)  # type: ignore[arg-type]


def _unstored(claim: Claim, result: CallResult) -> Analysis:
    """Return the result for the one who waits; the row will be run again."""
    return _ended(
        claim,
        Status.DONE,
        progress=PROGRESS[Stage.DONE],
        duration_s=result.duration_s,
        predict1=result.text.grade,
        predict2=result.voice.grade,
        text=result.text,
        voice=result.voice,
        transcript=result.transcript,
        warnings=(*result.warnings, "result_not_stored"),
    )

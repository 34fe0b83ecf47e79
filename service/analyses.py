"""Submit, run and get analyses."""

from __future__ import annotations

import logging
import shutil
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from core.errors import BadAudio, MoksoriError, NotFound, TooLarge, Unavailable
from core.types import PROGRESS, Analysis, CallResult, NewAnalysis, Stage, Status
from service.audio_files import check_size, resolve_audio
from service.ports import Callbacks, Reporter, Store
from service.runner import Runner
from service.workspace import workspace

log = logging.getLogger(__name__)
UPLOAD = "upload"


class Line(Protocol):
    """The pipeline with its tools already chosen."""

    def __call__(self, audio: Path, *, work_dir: Path, report: Callable[[Stage], None]) -> CallResult:
        """Analyse one recording."""
        ...


@dataclass(frozen=True, slots=True)
class Places:
    """Where files may be read and written."""

    audio_root: Path
    work_dir: Path
    wav_dir: Path | None
    """Where the converted wav is kept; None throws it away."""
    max_bytes: int


class Analyses:
    """The use cases around one analysis."""

    def __init__(
        self,
        *,
        store: Store,
        line: Line,
        callbacks: Callbacks,
        runner: Runner,
        places: Places,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._line = line
        self._callbacks = callbacks
        self._runner = runner
        self._places = places
        self._clock = clock

    def get(self, id: str) -> Analysis:
        """Return a stored analysis or raise ``NotFound``."""
        analysis = self._store.get(id)
        if analysis is None:
            raise NotFound("there is no analysis of that id")
        return analysis

    def analyse(self, new: NewAnalysis, *, save_upload: Callable[[Path], None] | None = None) -> Analysis:
        """Analyse one recording and return the stored result.

        ``save_upload`` writes an uploaded file to the path it is given; without it the file is the
        one that ``new.audio_file`` names under the audio root. Either way the work goes on when the
        caller hangs up.

        Raises:
            MoksoriError: when the request is refused; nothing is stored or left on disk then.
        """
        if new.callback_url:
            self._callbacks.check(new.callback_url)
        id = str(uuid.uuid4())
        with ExitStack() as stack:
            stack.enter_context(self._runner.place())
            folder = stack.enter_context(workspace(self._places.work_dir, id))
            if save_upload is None:
                audio = resolve_audio(self._places.audio_root, new.audio_file, max_bytes=self._places.max_bytes)
            else:
                audio = folder / UPLOAD
                save_upload(audio)
                check_size(audio, max_bytes=self._places.max_bytes)
            self._store.add(new, id=id, now=self._clock())
            return self._runner.run(lambda: self._run(id, new, audio, folder))

    def _run(self, id: str, new: NewAnalysis, audio: Path, folder: Path) -> Analysis:
        """Run a queued analysis to its end; expected only in a runner."""
        reporter = self._callbacks.open(new.callback_url)
        try:
            self._store.claim(id)
            result = self._line(audio, work_dir=folder, report=lambda stage: self._report(id, new, stage, reporter))
            self._keep_wav(id, folder)
            analysis = self._finish(id, new, result)
            final = _report_body(id, new, Stage.DONE)
            scores = {"predict1": analysis.predict1, "predict2": analysis.predict2}
            reporter.send({**final, "status": analysis.status.value, **scores})
        except (BadAudio, TooLarge):
            # The caller is told at once, and a refused request leaves no row behind.
            self._store.remove(id)
            raise
        except Exception as error:
            self._fail(id, new, error, reporter)
            raise
        else:
            return analysis
        finally:
            reporter.close()

    def _report(self, id: str, new: NewAnalysis, stage: Stage, reporter: Reporter) -> None:
        reporter.send(_report_body(id, new, stage))
        try:
            self._store.progress(id, PROGRESS[stage])
        except Unavailable:
            # Progress is a courtesy; the result is stored with its own, longer retries.
            log.warning("progress of %s not stored: the database does not answer", id)

    def _finish(self, id: str, new: NewAnalysis, result: CallResult) -> Analysis:
        now = self._clock()
        try:
            return self._store.finish(id, result, now=now)
        except Unavailable:
            log.exception("result of %s not stored: the database stayed away; the caller still gets it", id)
            return Analysis(
                id=id,
                status=Status.DONE,
                progress=PROGRESS[Stage.DONE],
                user_id=new.user_id,
                declaration=new.declaration,
                audio_file=new.audio_file,
                created_date=now,
                finished_date=now,
                callback_url=new.callback_url,
                duration_s=result.duration_s,
                predict1=result.text.grade,
                predict2=result.voice.grade,
                text=result.text,
                voice=result.voice,
                transcript=result.transcript,
                warnings=(*result.warnings, "result_not_stored"),
            )

    def _fail(self, id: str, new: NewAnalysis, error: Exception, reporter: Reporter) -> None:
        # Messages of foreign exceptions may hold what they worked on: only our own are stored.
        known = error if isinstance(error, MoksoriError) else MoksoriError("the analysis failed inside the service")
        reason = {"code": known.code, "message": known.message}
        try:
            self._store.fail(id, reason, now=self._clock())
        except Unavailable:
            log.warning("failure of %s not stored: the database does not answer", id)
        keys = {"id": id, "user_id": new.user_id, "declaration": new.declaration}
        reporter.send({**keys, "stage": "failed", "status": Status.FAILED.value, "error": reason})

    def _keep_wav(self, id: str, folder: Path) -> None:
        if self._places.wav_dir is not None:
            self._places.wav_dir.mkdir(parents=True, exist_ok=True)
            shutil.move(folder / "call.wav", self._places.wav_dir / f"{id}.wav")


def _report_body(id: str, new: NewAnalysis, stage: Stage) -> dict[str, Any]:
    return {
        "id": id,
        "user_id": new.user_id,
        "declaration": new.declaration,
        "progress": PROGRESS[stage],
        "stage": stage.value,
    }

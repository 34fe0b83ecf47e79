"""What the service expects of the rooms around it; ``wiring`` brings the real ones, tests bring fakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from core.types import (
    Analysis,
    CallResult,
    Claim,
    NewAnalysis,
    QueueState,
    Request,
    RunningScore,
    Segment,
    Stage,
    Status,
)
from pipeline.analyse import Notebook


class Store(Protocol):
    """Analyses for those who ask. Every method raises ``core.errors.Unavailable`` once its retries are used up."""

    def add(
        self,
        new: NewAnalysis,
        *,
        id: str,
        now: datetime,
        request: Request | None = None,
        max_queued: int | None = None,
    ) -> Analysis:
        """Commit a queued row, or return the one an earlier ``request`` of that key made.

        Raises ``Unanswered`` when the row may have been committed all the same.
        """
        ...

    def get(self, id: str) -> Analysis | None:
        """Return the analysis, or None."""
        ...

    def state(self, id: str) -> tuple[Status, int] | None:
        """Return status and progress, or None: cheap enough to be asked often."""
        ...

    def running(self, id: str) -> RunningScore | None:
        """Return the score so far of an analysis that runs, or None: as cheap."""
        ...

    def cancel(self, id: str, *, now: datetime) -> Analysis | None:
        """Move a queued or running analysis to cancelled; None when there is none such."""
        ...

    def remove(self, id: str) -> None:
        """Erase the row."""
        ...

    def queue_state(self) -> QueueState:
        """Count the analyses of each status."""
        ...

    def ping(self) -> None:
        """Raise ``Unavailable`` when the database does not answer now."""
        ...


class Jobs(Protocol):
    """Analyses for those who run them; see ``db.job_store`` for what each promises."""

    def claim(self, id: str) -> Claim | None:
        """Take that analysis; None when it does not wait."""
        ...

    def claim_next(self) -> Claim | None:
        """Take the analysis that has waited longest."""
        ...

    def renew(self, claim: Claim) -> bool:
        """Go on holding; False when it is not ours any more."""
        ...

    def release(self, id: str, token: str, *, forgive: bool = False) -> bool:
        """Give it back to the queue."""
        ...

    def requeue_expired(self) -> int:
        """Give back what dead runners hold."""
        ...

    def undispatched(self, *, older_than_s: float, waiting: bool = False, limit: int = 500) -> list[str]:
        """Return queued analyses that no message names."""
        ...

    def progress(self, claim: Claim, percent: int) -> bool:
        """Record a milestone; False when it is not ours any more."""
        ...

    def set_declaration(self, claim: Claim, declaration: str) -> None:
        """Store the digits of a number."""
        ...

    def keep_chunk(self, claim: Claim, start: int, end: int, segments: Sequence[Segment]) -> bool:
        """Store what was heard between two samples; False when it is not ours any more."""
        ...

    def set_running(self, claim: Claim, score: RunningScore) -> bool:
        """Store the score so far; False when it is not ours any more."""
        ...

    def chunks(self, id: str) -> Mapping[tuple[int, int], tuple[Segment, ...]]:
        """Return what earlier attempts heard."""
        ...

    def finish(self, claim: Claim, result: CallResult, *, owes_reports: bool) -> Analysis:
        """Store the result and return the row as it then stands."""
        ...

    def fail(self, claim: Claim, error: Mapping[str, Any], *, owes_reports: bool) -> bool:
        """Store the reason; False when it is not ours any more."""
        ...

    def reported(self, id: str, percent: int) -> None:
        """Note what the callback receiver took."""
        ...

    def callback_dead(self, id: str, reason: str) -> None:
        """Note that it will get nothing more."""
        ...

    def take_owed(self) -> Analysis | None:
        """Take over a finished analysis whose reports nobody sends any more."""
        ...


class Line(Protocol):
    """The pipeline with its tools already chosen."""

    def __call__(
        self, audio: Path, *, work_dir: Path, report: Callable[[Stage], None], notebook: Notebook | None = None
    ) -> CallResult:
        """Analyse one recording."""
        ...


class Runner(Protocol):
    """Sees to it that queued analyses are run, whether or not the one who asked is still there."""

    def submit(self, stored: Analysis) -> None:
        """Say that a row is committed. Never fails: the row is found later even when this is not heard."""
        ...


class Reporter(Protocol):
    """Sends the reports of one analysis, in order, without ever delaying or failing it."""

    def send(self, report: Mapping[str, Any]) -> None:
        """Queue one report."""
        ...

    def close(self) -> None:
        """Say that no report follows; what is queued is still sent."""
        ...


class Callbacks(Protocol):
    """Opens reporters for the URLs that requests name."""

    def check(self, url: str) -> None:
        """Raise ``InvalidRequest`` for a URL that may not be called."""
        ...

    def wanted(self, url: str | None) -> bool:
        """Tell whether anything would be sent."""
        ...

    def open(self, url: str | None, *, delivered: Callable[[int], None], dead: Callable[[str], None]) -> Reporter:
        """Return the reporter of one analysis; without any URL one that sends nothing."""
        ...

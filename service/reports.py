"""The bodies of callbacks, and sending those that a dead process still owed."""

from __future__ import annotations

import logging
from typing import Any

from core.types import PROGRESS, Analysis, NewAnalysis, Stage, Status
from service.ports import Callbacks, Jobs

log = logging.getLogger(__name__)


def milestone(id: str, new: NewAnalysis | Analysis, stage: Stage) -> dict[str, Any]:
    """Return the report of a stage that was reached."""
    keys = {"id": id, "user_id": new.user_id, "declaration": new.declaration}
    return {**keys, "progress": PROGRESS[stage], "stage": stage.value}


def final(analysis: Analysis) -> dict[str, Any]:
    """Return the last report: the scores, or why there are none."""
    if analysis.status is Status.DONE:
        scores = {"predict1": analysis.predict1, "predict2": analysis.predict2}
        return {**milestone(analysis.id, analysis, Stage.DONE), "status": analysis.status.value, **scores}
    keys = {"id": analysis.id, "user_id": analysis.user_id, "declaration": analysis.declaration}
    reason = {"error": dict(analysis.error)} if analysis.error else {}
    return {**keys, "stage": analysis.status.value, "status": analysis.status.value, **reason}


class Courier:
    """Opens reporters that note in the database what arrived."""

    def __init__(self, jobs: Jobs, callbacks: Callbacks) -> None:
        self._jobs, self._callbacks = jobs, callbacks

    def wanted(self, url: str | None) -> bool:
        """Tell whether anything would be sent."""
        return self._callbacks.wanted(url)

    def open(self, id: str, url: str | None) -> Any:
        """Return the reporter of one analysis."""
        return self._callbacks.open(
            url,
            delivered=lambda percent: self._jobs.reported(id, percent),
            dead=lambda reason: self._jobs.callback_dead(id, reason),
        )

    def send_final(self, analysis: Analysis) -> None:
        """Send only the last report: for an analysis that ended without being run."""
        reporter = self.open(analysis.id, analysis.callback_url)
        reporter.send(final(analysis))
        reporter.close()

    def send_owed(self) -> int:
        """Send what finished analyses of dead processes still owe; return how many there were."""
        found = 0
        while (analysis := self._jobs.take_owed()) is not None:
            found += 1
            reporter = self.open(analysis.id, analysis.callback_url)
            if analysis.status is Status.DONE:
                for stage in (Stage.CHUNKED, Stage.TRANSCRIBED, Stage.TEXT_SCORED):
                    if PROGRESS[stage] > analysis.reported:
                        reporter.send(milestone(analysis.id, analysis, stage))
            reporter.send(final(analysis))
            reporter.close()
        if found:
            log.warning("took over the reports of %d analyses", found)
        return found

"""Analyses as those who run them see them: claim, renew, keep, finish, fail, report."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from core.types import Analysis, CallResult, Claim, RunningScore, Segment
from db import analyses, jobs, reports, running
from db.database import Database

NEVER = datetime(1970, 1, 2, tzinfo=UTC)


class JobStore:
    """The runners' side of the database, one transaction a method; raises ``Unavailable`` like ``Database``."""

    def __init__(
        self,
        database: Database,
        *,
        lease_s: float,
        courier_s: float,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Remember how long a claim holds without being renewed, and how long reports may be retried; in seconds."""
        self._database = database
        self._lease = timedelta(seconds=lease_s)
        self._courier = timedelta(seconds=courier_s)
        self._clock = clock

    def claim(self, id: str) -> Claim | None:
        """Take that analysis when it waits; None when it does not, or somebody else was faster."""
        token, now = str(uuid.uuid4()), self._clock()
        return self._database.write(
            lambda connection: jobs.claim(connection, id, token=token, now=now, lease_until=now + self._lease)
        )

    def claim_next(self) -> Claim | None:
        """Take the analysis that has waited longest; None when none waits."""
        while (id := self._database.read(lambda connection: jobs.next_id(connection, now=self._clock()))) is not None:
            if (claim := self.claim(id)) is not None:
                return claim
        return None

    def renew(self, claim: Claim) -> bool:
        """Go on holding; False when the analysis was cancelled, erased or given to another runner."""
        return self._briefly(lambda connection: jobs.renew(connection, claim, lease_until=self._clock() + self._lease))

    def release(self, id: str, token: str, *, forgive: bool = False) -> bool:
        """Give a held analysis back; ``forgive`` when its runner was told to stop."""
        return self._database.write(lambda connection: jobs.release(connection, id, token, forgive=forgive))

    def requeue_expired(self) -> int:
        """Give back every analysis whose lease is over; return how many there were."""
        return self._database.write(lambda connection: jobs.requeue_expired(connection, now=self._clock()))

    def undispatched(self, *, older_than_s: float, waiting: bool = False, limit: int = 500) -> list[str]:
        """Return queued analyses that no message names any more, oldest first, and note that one is sent now.

        A message is lost when it is older than ``older_than_s`` and the queue is empty. While messages are ``waiting``
        it is lost when one that was sent so much later has been taken: they come in the order they were sent.
        """
        now = self._clock()

        def work(connection: Connection) -> list[str]:
            newest = (jobs.newest_taken(connection) or NEVER) if waiting else now
            before = newest - timedelta(seconds=older_than_s)
            return jobs.undispatched(connection, before=before, now=now, limit=limit)

        return self._database.write(work)

    def progress(self, claim: Claim, percent: int) -> bool:
        """Record a milestone; False when the analysis is not held any more."""
        return self._briefly(lambda connection: jobs.set_progress(connection, claim, percent))

    def set_declaration(self, claim: Claim, declaration: str) -> None:
        """Store the digits of a number."""
        self._database.write(lambda connection: jobs.set_declaration(connection, claim, declaration))

    def keep_chunk(self, claim: Claim, start: int, end: int, segments: Sequence[Segment]) -> bool:
        """Store what was heard between two samples; False when the analysis is not held any more."""
        return self._briefly(lambda connection: jobs.keep_chunk(connection, claim, start, end, segments))

    def set_running(self, claim: Claim, score: RunningScore) -> bool:
        """Store the score so far; False when the analysis is not held any more."""
        return self._briefly(lambda connection: running.set_running(connection, claim, score))

    def chunks(self, id: str) -> Mapping[tuple[int, int], tuple[Segment, ...]]:
        """Return what earlier attempts heard."""
        return self._database.read(lambda connection: jobs.chunks(connection, id))

    def finish(self, claim: Claim, result: CallResult, *, owes_reports: bool) -> Analysis:
        """Store result and ``done`` in one transaction and return the row.

        A row that somebody else brought to its end, or holds now, is returned as it stands.

        Raises:
            NotFound: when the row was erased meanwhile.
        """
        now = self._clock()
        until = now + self._courier if owes_reports else None

        def work(connection: Connection) -> Analysis:
            jobs.finish(connection, claim, result, now=now, courier_until=until)
            return analyses.present(connection, claim.id)

        return self._database.write(work, for_s=self._database.result_retry_for_s)

    def fail(self, claim: Claim, error: Mapping[str, Any], *, owes_reports: bool) -> bool:
        """Store the reason and ``failed``; False when the analysis is not held any more."""
        now = self._clock()
        until = now + self._courier if owes_reports else None
        return self._database.write(
            lambda connection: jobs.fail(connection, claim, error, now=now, courier_until=until),
            for_s=self._database.result_retry_for_s,
        )

    def reported(self, id: str, percent: int) -> None:
        """Note what the callback receiver took."""
        self._database.write(lambda connection: reports.set_reported(connection, id, percent))

    def callback_dead(self, id: str, reason: str) -> None:
        """Note that the callback receiver will get nothing more."""
        self._database.write(lambda connection: reports.set_dead(connection, id, reason))

    def take_owed(self) -> Analysis | None:
        """Take over a finished analysis whose reports nobody sends any more."""
        now = self._clock()
        return self._database.write(
            lambda connection: reports.take_owed(connection, now=now, courier_until=now + self._courier)
        )

    def _briefly(self, work: Callable[[Connection], bool]) -> bool:
        """Write with little patience: what fails now is only a courtesy."""
        return self._database.write(work, for_s=self._database.courtesy_retry_for_s)

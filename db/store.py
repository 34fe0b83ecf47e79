"""Analyses as the callers of the service see them: add, get, cancel, erase, count."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from core.errors import Busy, MoksoriError, Unanswered, Unavailable
from core.types import Analysis, NewAnalysis, QueueState, Request, RunningScore, Status
from db import analyses, jobs, purge, running
from db.database import Database


class AnalysisStore(Database):
    """Analyses in SQLite or MariaDB: one transaction a method."""

    def add(
        self,
        new: NewAnalysis,
        *,
        id: str,
        now: datetime,
        request: Request | None = None,
        max_queued: int | None = None,
    ) -> Analysis:
        """Commit a queued row, or return the one that an earlier ``request`` of the same key made.

        Raises:
            Busy: when ``max_queued`` analyses wait already.
            Conflict: when the key was used for another request.
            InvalidRequest: when a field does not fit its column.
            Unanswered: when a commit was not answered and nothing after it told that the row is there.
        """
        committing = False

        def work(connection: Connection) -> Analysis:
            if request is not None and (earlier := analyses.get_by_key(connection, request)) is not None:
                return earlier
            # Ids are random and ours: a row that is there already is this one, its commit unanswered.
            if analyses.get_analysis(connection, id) is None:
                if max_queued is not None and analyses.count(connection, Status.QUEUED) >= max_queued:
                    raise Busy("too many calls wait already; try again later")
                analyses.insert_analysis(connection, new, id=id, now=now, request=request)
            return analyses.present(connection, id)

        def once(connection: Connection) -> Analysis | None:
            nonlocal committing
            try:
                found = work(connection)
            except IntegrityError:
                return None  # somebody else committed the same key between our look and our insert
            # SQLite runs in this process: what it does not commit it has refused, and rolled back.
            committing = connection.dialect.name != "sqlite"
            return found

        try:
            stored = self.write(once) or self.write(once)
        except Unavailable as error:
            if committing:  # even ``Busy``: the server may still be at the commit that we lost
                raise Unanswered(error.message, **error.detail) from None
            raise
        if stored is None:
            raise MoksoriError("the database refused a row")
        return stored

    def get(self, id: str) -> Analysis | None:
        """Return the analysis, or None."""
        return self.read(lambda connection: analyses.get_analysis(connection, id))

    def state(self, id: str) -> tuple[Status, int] | None:
        """Return status and progress, or None: cheap enough to be asked often."""
        return self.read(lambda connection: analyses.state(connection, id))

    def running(self, id: str) -> RunningScore | None:
        """Return the score so far of an analysis that runs, or None."""
        return self.read(lambda connection: running.running(connection, id))

    def cancel(self, id: str, *, now: datetime) -> Analysis | None:
        """Move a queued or running analysis to cancelled and return it; None when there is none such."""

        def work(connection: Connection) -> Analysis | None:
            return analyses.present(connection, id) if analyses.cancel(connection, id, now=now) else None

        return self.write(work)

    def remove(self, id: str) -> None:
        """Erase the row, whatever its state, its chunk transcripts and its labels."""
        self.write(lambda connection: purge.erase(connection, [id]))

    def queue_state(self) -> QueueState:
        """Count the analyses of each status."""
        return self.read(jobs.queue_state, for_s=self.courtesy_retry_for_s)

"""A database in a dict, for both sides of the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.errors import Busy, Conflict, NotFound, Unavailable
from core.types import Analysis, CallResult, Claim, NewAnalysis, QueueState, Request, RunningScore, Segment, Status


class MemoryStore:
    """Keeps analyses in a dict, for both sides; ``down`` names the methods that do not answer."""

    def __init__(self) -> None:
        self.rows: dict[str, Analysis] = {}
        self.holders: dict[str, str] = {}
        self.attempts: dict[str, int] = {}
        self.keys: dict[str, tuple[str, str]] = {}
        self.heard: dict[str, dict[tuple[int, int], tuple[Segment, ...]]] = {}
        self.scores: dict[str, RunningScore] = {}
        self.progresses: list[int] = []
        self.down: set[str] = set()

    def _reach(self, method: str) -> None:
        if method in self.down:
            raise Unavailable("the database does not answer")

    def _held(self, claim: Claim) -> bool:
        row = self.rows.get(claim.id)
        return row is not None and row.status is Status.RUNNING and self.holders[claim.id] == claim.token

    def add(
        self,
        new: NewAnalysis,
        *,
        id: str,
        now: datetime,
        request: Request | None = None,
        max_queued: int | None = None,
    ) -> Analysis:
        self._reach("add")
        if request is not None:
            earlier, digest = self.keys.setdefault(request.key, (id, request.digest))
            if digest != request.digest:
                raise Conflict("this Idempotency-Key was used for another request")
            if earlier != id:
                return self.rows[earlier]
        queued = sum(row.status is Status.QUEUED for row in self.rows.values())
        if max_queued is not None and queued >= max_queued:
            raise Busy("too many calls wait already")
        self.rows[id] = Analysis(
            id,
            Status.QUEUED,
            0,
            new.user_id,
            new.declaration,
            new.audio_file,
            now,
            callback_url=new.callback_url,
            uploaded=new.uploaded,
        )
        return self.rows[id]

    def get(self, id: str) -> Analysis | None:
        self._reach("get")
        return self.rows.get(id)

    def running(self, id: str) -> RunningScore | None:
        self._reach("running")
        return self.scores.get(id)

    def set_running(self, claim: Claim, score: RunningScore) -> bool:
        self._reach("set_running")
        if self._held(claim):
            self.scores[claim.id] = score
        return self._held(claim)

    def state(self, id: str) -> tuple[Status, int] | None:
        self._reach("state")
        row = self.rows.get(id)
        return None if row is None else (row.status, row.progress)

    def cancel(self, id: str, *, now: datetime) -> Analysis | None:
        row = self.rows.get(id)
        if row is None or row.is_final:
            return None
        self.rows[id] = replace(row, status=Status.CANCELLED, finished_date=now)
        return self.rows[id]

    def claim(self, id: str) -> Claim | None:
        row = self.rows.get(id)
        if row is None or row.status is not Status.QUEUED:
            return None
        self.rows[id] = replace(row, status=Status.RUNNING)
        self.attempts[id] = self.attempts.get(id, 0) + 1
        self.holders[id] = f"token-{self.attempts[id]}"
        new = NewAnalysis(row.user_id, row.declaration, row.audio_file, row.callback_url, row.uploaded)
        return Claim(id, self.holders[id], self.attempts[id], new, row.reported)

    def claim_next(self) -> Claim | None:
        self._reach("claim_next")
        waiting = [id for id, row in self.rows.items() if row.status is Status.QUEUED]
        return self.claim(waiting[0]) if waiting else None

    def renew(self, claim: Claim) -> bool:
        return self._held(claim)

    def release(self, id: str, token: str, *, forgive: bool = False) -> bool:
        if self.holders.get(id) != token:
            return False
        self.attempts[id] -= forgive
        self.rows[id] = replace(self.rows[id], status=Status.QUEUED)
        return True

    def requeue_expired(self) -> int:
        return 0

    def undispatched(self, *, older_than_s: float, waiting: bool = False, limit: int = 500) -> list[str]:
        return [id for id, row in self.rows.items() if row.status is Status.QUEUED][:limit]

    def progress(self, claim: Claim, percent: int) -> bool:
        self._reach("progress")
        self.progresses.append(percent)
        if self._held(claim):
            self.rows[claim.id] = replace(self.rows[claim.id], progress=percent)
        return self._held(claim)

    def set_declaration(self, claim: Claim, declaration: str) -> None:
        self._reach("set_declaration")
        self.rows[claim.id] = replace(self.rows[claim.id], declaration=declaration)

    def keep_chunk(self, claim: Claim, start: int, end: int, segments: Sequence[Segment]) -> bool:
        self._reach("keep_chunk")
        if self._held(claim):
            self.heard.setdefault(claim.id, {})[start, end] = tuple(segments)
        return self._held(claim)

    def chunks(self, id: str) -> Mapping[tuple[int, int], tuple[Segment, ...]]:
        self._reach("chunks")
        return self.heard.get(id, {})

    def finish(self, claim: Claim, result: CallResult, *, owes_reports: bool) -> Analysis:
        self._reach("finish")
        if claim.id not in self.rows:
            raise NotFound("there is no analysis of that id")
        if self._held(claim):
            self.rows[claim.id] = replace(
                self.rows[claim.id],
                status=Status.DONE,
                progress=100,
                finished_date=self.rows[claim.id].created_date,
                duration_s=result.duration_s,
                predict1=result.text.grade,
                predict2=result.voice.grade,
                text=result.text,
                voice=result.voice,
                transcript=result.transcript,
                warnings=result.warnings,
            )
        return self.rows[claim.id]

    def fail(self, claim: Claim, error: Mapping[str, Any], *, owes_reports: bool) -> bool:
        self._reach("fail")
        if self._held(claim):
            self.rows[claim.id] = replace(self.rows[claim.id], status=Status.FAILED, error=error)
            return True
        return False

    def reported(self, id: str, percent: int) -> None:
        self.rows[id] = replace(self.rows[id], reported=percent)

    def callback_dead(self, id: str, reason: str) -> None:
        self.rows[id] = replace(self.rows[id], callback_error=reason)

    def take_owed(self) -> Analysis | None:
        return None

    def remove(self, id: str) -> None:
        self.rows.pop(id, None)
        self.keys = {key: entry for key, entry in self.keys.items() if entry[0] != id}

    def queue_state(self) -> QueueState:
        self._reach("queue_state")
        rows = self.rows.values()
        queued = [row.created_date for row in rows if row.status is Status.QUEUED]
        return QueueState(
            {status: sum(row.status is status for row in rows) for status in Status}, min(queued, default=None)
        )

    def ping(self) -> None:
        self._reach("ping")

"""Named queries of those who run analyses. Each takes the connection of a transaction that its caller ends.

The row is the truth: a runner holds it by a token and a lease, and every write names the token, so that
whoever lost the row (lease over, cancelled, erased) changes nothing any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, update

from core.types import PROGRESS, CallResult, Claim, NewAnalysis, QueueState, Segment, Stage, Status
from db import serialise
from db.tables import analysis, analysis_chunk

a, chunk = analysis.c, analysis_chunk.c
_QUEUED = a.status == Status.QUEUED.value


def next_id(connection: Connection, *, now: datetime) -> str | None:
    """Return the analysis that has waited longest: one whose runner died, or the oldest queued one."""
    for condition in (_expired(now), _QUEUED):
        found = connection.execute(select(a.id).where(condition).order_by(a.created_date, a.id).limit(1)).scalar()
        if found is not None:
            return str(found)
    return None


def claim(connection: Connection, id: str, *, token: str, now: datetime, lease_until: datetime) -> Claim | None:
    """Take a queued or abandoned analysis and count the attempt; None when somebody else did.

    ``token`` is the claimer's own: a claim whose commit was not answered is repeated with the same
    token and finds that the row is already its own.
    """
    connection.execute(
        update(analysis)
        .where(a.id == id, or_(_QUEUED, _expired(now)))
        .values(status=Status.RUNNING.value, attempts=a.attempts + 1, claim_token=token, lease_until=lease_until)
    )
    row = connection.execute(select(analysis).where(_held(id, token))).one_or_none()
    if row is None:
        return None
    new = NewAnalysis(row.user_id, row.declaration, row.audio_file, row.callback_url, bool(row.uploaded))
    return Claim(id, token, row.attempts, new, row.reported)


def renew(connection: Connection, held: Claim, *, lease_until: datetime) -> bool:
    """Move the end of the lease; False when the row is not held any more."""
    done = connection.execute(update(analysis).where(_held(held.id, held.token)).values(lease_until=lease_until))
    return done.rowcount == 1


def release(connection: Connection, id: str, token: str, *, forgive: bool) -> bool:
    """Give a held row back to the queue; ``forgive`` does not count the attempt."""
    attempts = a.attempts - 1 if forgive else a.attempts
    done = connection.execute(
        update(analysis)
        .where(_held(id, token))
        .values(status=Status.QUEUED.value, lease_until=None, dispatched_at=None, attempts=attempts)
    )
    return done.rowcount == 1


def requeue_expired(connection: Connection, *, now: datetime) -> int:
    """Give every abandoned row back to the queue; return how many there were."""
    # Looked for without locks and then taken by their keys: a scan that locks meets those who renew and finish.
    found = connection.execute(select(a.id).where(_expired(now))).scalars().all()
    if not found:
        return 0
    given_back = {"status": Status.QUEUED.value, "lease_until": None, "dispatched_at": None}
    return connection.execute(update(analysis).where(a.id.in_(found), _expired(now)).values(**given_back)).rowcount


def newest_taken(connection: Connection) -> datetime | None:
    """Return when the youngest message was sent that a running row was claimed by; None when none runs."""
    running = a.status == Status.RUNNING.value
    found: datetime | None = connection.execute(select(func.max(a.dispatched_at)).where(running)).scalar()
    return found


def undispatched(connection: Connection, *, before: datetime, now: datetime, limit: int) -> list[str]:
    """Return queued rows that no message names (since ``before``) and note that one is sent now."""
    lost = or_(a.dispatched_at.is_(None), a.dispatched_at < before)
    ids = connection.execute(select(a.id).where(_QUEUED, lost).order_by(a.created_date, a.id).limit(limit)).scalars()
    found = [str(id) for id in ids]
    if found:
        connection.execute(update(analysis).where(a.id.in_(found), _QUEUED).values(dispatched_at=now))
    return found


def set_progress(connection: Connection, held: Claim, percent: int) -> bool:
    """Record a milestone, never a lower one than before; False when the row is not held any more."""
    rising = and_(_held(held.id, held.token), a.progress < percent)
    connection.execute(update(analysis).where(rising).values(progress=percent))
    return connection.execute(select(a.id).where(_held(held.id, held.token))).first() is not None


def set_declaration(connection: Connection, held: Claim, declaration: str) -> None:
    """Replace a number that the gateway stored as it was typed by its digits."""
    connection.execute(update(analysis).where(_held(held.id, held.token)).values(declaration=declaration))


def keep_chunk(connection: Connection, held: Claim, start: int, end: int, segments: Sequence[Segment]) -> bool:
    """Store the transcript of the samples ``start`` to ``end``; False when the row is not held any more."""
    return put_chunk(connection, held, start, end, serialise.segments_to_json(segments))


def put_chunk(connection: Connection, held: Claim, start: int, end: int, content: str) -> bool:
    """Put a row in the place of an earlier one of the same samples; False when the analysis is not held any more."""
    if connection.execute(select(a.id).where(_held(held.id, held.token)).with_for_update()).first() is None:
        return False
    mine = and_(chunk.analysis_id == held.id, chunk.start_sample == start, chunk.end_sample == end)
    # Not deleted first: MariaDB locks the gap where nothing was found, and calls side by side block each other.
    if connection.execute(select(chunk.analysis_id).where(mine)).first() is not None:
        connection.execute(update(analysis_chunk).where(mine).values(segments=content))
    else:
        values = {"analysis_id": held.id, "start_sample": start, "end_sample": end}
        connection.execute(insert(analysis_chunk).values(**values, segments=content))
    return True


def chunks(connection: Connection, id: str) -> dict[tuple[int, int], tuple[Segment, ...]]:
    """Return the transcripts stored so far by their first and last sample."""
    rows = connection.execute(select(analysis_chunk).where(chunk.analysis_id == id, chunk.start_sample >= 0))
    return {(row.start_sample, row.end_sample): serialise.segments_from_json(row.segments) for row in rows}


def finish(
    connection: Connection, held: Claim, result: CallResult, *, now: datetime, courier_until: datetime | None
) -> bool:
    """Store the result and ``done`` in one statement; False when the row is not held any more."""
    done = connection.execute(
        update(analysis)
        .where(_held(held.id, held.token))
        .values(
            status=Status.DONE.value,
            progress=PROGRESS[Stage.DONE],
            finished_date=now,
            lease_until=None,
            courier_until=courier_until,
            duration_s=result.duration_s,
            content=result.transcript.encode(),
            disdata=result.text.grade,
            mfcc=result.voice.grade,
            text_result=serialise.text_to_json(result.text),
            voice_result=serialise.voice_to_json(result.voice),
            text_version=result.text.model_version,
            voice_version=result.voice.model_version,
            warnings=serialise.warnings_to_json(result.warnings),
        )
    )
    connection.execute(delete(analysis_chunk).where(chunk.analysis_id == held.id))
    return done.rowcount == 1


def fail(
    connection: Connection, held: Claim, error: Mapping[str, Any], *, now: datetime, courier_until: datetime | None
) -> bool:
    """Store the reason and ``failed``; False when the row is not held any more."""
    done = connection.execute(
        update(analysis)
        .where(_held(held.id, held.token))
        .values(
            status=Status.FAILED.value,
            finished_date=now,
            lease_until=None,
            courier_until=courier_until,
            error=serialise.to_json(dict(error)),
        )
    )
    connection.execute(delete(analysis_chunk).where(chunk.analysis_id == held.id))
    return done.rowcount == 1


def queue_state(connection: Connection) -> QueueState:
    """Count the analyses of each status."""
    rows = connection.execute(select(a.status, func.count()).group_by(a.status)).all()
    found = {str(status): int(number) for status, number in rows}
    oldest = connection.execute(select(func.min(a.created_date)).where(_QUEUED)).scalar()
    return QueueState({status: found.get(status.value, 0) for status in Status}, oldest)


def _held(id: str, token: str) -> ColumnElement[bool]:
    return and_(a.id == id, a.status == Status.RUNNING.value, a.claim_token == token)


def _expired(now: datetime) -> ColumnElement[bool]:
    return and_(a.status == Status.RUNNING.value, or_(a.lease_until.is_(None), a.lease_until < now))

"""Named queries on ``analysis`` for those who ask; ``db.jobs`` has those of the runners.

Each takes the connection of a transaction that its caller ends.

Every write is safe to repeat: done a second time, it leaves the row of the first.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from core.errors import Conflict, InvalidRequest, NotFound
from core.types import Analysis, NewAnalysis, Request, Status
from db import labels
from db.analysis_row import analysis_of, read_status
from db.tables import analysis, analysis_chunk

_INTERNAL = {
    "attempts",
    "claim_token",
    "lease_until",
    "dispatched_at",
    "idempotency_key",
    "request_hash",
    "courier_until",
    "reroll_version",
    "reroll_date",
}
COLUMNS = [column for column in analysis.c if column.name not in _INTERNAL]
GIVEN = ("user_id", "declaration", "audio_file", "callback_url")
LIMITS: dict[str, int | None] = {name: analysis.c[name].type.length for name in GIVEN}  # type: ignore[attr-defined]


def get_analysis(connection: Connection, id: str) -> Analysis | None:
    """Return the analysis of that id, or None."""
    row = connection.execute(select(*COLUMNS).where(analysis.c.id == id)).one_or_none()
    return None if row is None else _read(connection, row)


def insert_analysis(
    connection: Connection, new: NewAnalysis, *, id: str, now: datetime, request: Request | None = None
) -> None:
    """Insert a queued row.

    Raises:
        InvalidRequest: when a field does not fit its column (SQLite alone would not notice).
    """
    _check_fits(new)
    connection.execute(
        insert(analysis).values(
            id=id,
            user_id=new.user_id,
            declaration=new.declaration,
            audio_file=new.audio_file,
            callback_url=new.callback_url,
            uploaded=int(new.uploaded),
            idempotency_key=request.key if request else None,
            request_hash=request.digest if request else None,
            created_date=now,
            dispatched_at=now,
            status=Status.QUEUED.value,
            progress=0,
            attempts=0,
        )
    )


def get_by_key(connection: Connection, request: Request) -> Analysis | None:
    """Return the analysis that an earlier request of the same key made, or None.

    Raises:
        Conflict: when it was another request.
    """
    row = connection.execute(
        select(analysis.c.request_hash, *COLUMNS).where(analysis.c.idempotency_key == request.key)
    ).one_or_none()
    if row is None:
        return None
    if row.request_hash != request.digest:
        raise Conflict("this Idempotency-Key was used for another request", field="Idempotency-Key")
    return _read(connection, row)


def present(connection: Connection, id: str) -> Analysis:
    """Return the analysis of that id.

    Raises:
        NotFound: when there is none (any more).
    """
    stored = get_analysis(connection, id)
    if stored is None:
        raise NotFound("there is no analysis of that id")
    return stored


def state(connection: Connection, id: str) -> tuple[Status, int] | None:
    """Return status and progress of that id, or None."""
    row = connection.execute(select(analysis.c.status, analysis.c.progress).where(analysis.c.id == id)).one_or_none()
    return None if row is None else (read_status(row.status), row.progress)


def count(connection: Connection, status: Status) -> int:
    """Return how many analyses have that status."""
    found: int = connection.execute(select(func.count()).where(analysis.c.status == status.value)).scalar_one()
    return found


def cancel(connection: Connection, id: str, *, now: datetime) -> bool:
    """Move queued or running to cancelled; False when the row was at its end or is not there."""
    done = connection.execute(
        update(analysis)
        .where(analysis.c.id == id, analysis.c.status.in_((Status.QUEUED.value, Status.RUNNING.value)))
        .values(status=Status.CANCELLED.value, finished_date=now, lease_until=None)
    )
    connection.execute(delete(analysis_chunk).where(analysis_chunk.c.analysis_id == id))
    return done.rowcount == 1


def _check_fits(new: NewAnalysis) -> None:
    for name, limit in LIMITS.items():
        value: str = getattr(new, name) or ""
        if limit is not None and len(value) > limit:
            raise InvalidRequest(f"{name} is longer than {limit} characters", field=name)
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidRequest(f"{name} is not valid Unicode", field=name) from None


def _read(connection: Connection, row: Row[Any]) -> Analysis:
    newest = labels.newest(connection, row.id) if row.label is not None else None
    return analysis_of(row, label=newest)

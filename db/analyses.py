"""Named queries on ``analysis``. Each takes the connection of a transaction that its caller ends.

Every write is safe to repeat: done a second time, it leaves the row of the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from core.errors import InvalidRequest
from core.types import PROGRESS, Analysis, CallResult, NewAnalysis, Stage, Status
from db import serialise
from db.tables import analysis

COLUMNS = [column for column in analysis.c if column.name not in ("attempts", "claim_token")]
GIVEN = ("user_id", "declaration", "audio_file", "callback_url")
LIMITS: dict[str, int | None] = {name: analysis.c[name].type.length for name in GIVEN}  # type: ignore[attr-defined]


def get_analysis(connection: Connection, id: str) -> Analysis | None:
    """Return the analysis of that id, or None."""
    row = connection.execute(select(*COLUMNS).where(analysis.c.id == id)).one_or_none()
    return None if row is None else _from_row(row)


def insert_analysis(connection: Connection, new: NewAnalysis, *, id: str, now: datetime) -> None:
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
            created_date=now,
            status=Status.QUEUED.value,
            progress=0,
            attempts=0,
        )
    )


def claim(connection: Connection, id: str, *, token: str) -> bool:
    """Move queued to running and count the attempt; False when somebody else did.

    ``token`` is the claimer's own: a claim whose commit was not answered is repeated with the same
    token and finds that the row is already its own.
    """
    done = connection.execute(
        update(analysis)
        .where(analysis.c.id == id, analysis.c.status == Status.QUEUED.value)
        .values(status=Status.RUNNING.value, attempts=analysis.c.attempts + 1, claim_token=token)
    )
    if done.rowcount == 1:
        return True
    mine = select(analysis.c.id).where(
        analysis.c.id == id, analysis.c.status == Status.RUNNING.value, analysis.c.claim_token == token
    )
    return connection.execute(mine).first() is not None


def set_progress(connection: Connection, id: str, percent: int) -> None:
    """Record a milestone of a running analysis; a late, lower one changes nothing."""
    connection.execute(
        update(analysis)
        .where(analysis.c.id == id, analysis.c.status == Status.RUNNING.value, analysis.c.progress < percent)
        .values(progress=percent)
    )


def finish(connection: Connection, id: str, result: CallResult, *, now: datetime) -> bool:
    """Store the result and ``done`` in one statement; False when the row was not running."""
    done = connection.execute(
        update(analysis)
        .where(analysis.c.id == id, analysis.c.status == Status.RUNNING.value)
        .values(
            status=Status.DONE.value,
            progress=PROGRESS[Stage.DONE],
            finished_date=now,
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
    return done.rowcount == 1


def fail(connection: Connection, id: str, error: Mapping[str, Any], *, now: datetime) -> bool:
    """Store the reason and ``failed``; False when the row was already at its end."""
    open_states = (Status.QUEUED.value, Status.RUNNING.value)
    done = connection.execute(
        update(analysis)
        .where(analysis.c.id == id, analysis.c.status.in_(open_states))
        .values(status=Status.FAILED.value, finished_date=now, error=serialise.to_json(dict(error)))
    )
    return done.rowcount == 1


def delete_analysis(connection: Connection, id: str) -> None:
    """Erase the row, whatever its state."""
    connection.execute(delete(analysis).where(analysis.c.id == id))


def _check_fits(new: NewAnalysis) -> None:
    for name, limit in LIMITS.items():
        value: str = getattr(new, name) or ""
        if limit is not None and len(value) > limit:
            raise InvalidRequest(f"{name} is longer than {limit} characters", field=name)
        try:
            value.encode()
        except UnicodeEncodeError:
            raise InvalidRequest(f"{name} is not valid Unicode", field=name) from None


def _from_row(row: Row[Any]) -> Analysis:
    return Analysis(
        id=row.id,
        status=Status(row.status),
        progress=row.progress,
        user_id=row.user_id,
        declaration=row.declaration,
        audio_file=row.audio_file,
        created_date=row.created_date,
        finished_date=row.finished_date,
        callback_url=row.callback_url,
        duration_s=row.duration_s,
        predict1=row.disdata,
        predict2=row.mfcc,
        text=serialise.text_from_json(row.text_result),
        voice=serialise.voice_from_json(row.voice_result),
        transcript=None if row.content is None else row.content.decode(),
        reroll=row.reroll,
        warnings=serialise.warnings_from_json(row.warnings),
        error=serialise.error_from_json(row.error),
    )

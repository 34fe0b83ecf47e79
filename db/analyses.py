"""Named queries on the ``analysis`` table. Each takes the connection first and leaves the commit to its caller."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from core.types import Analysis, CallResult, NewAnalysis, Status
from db.serialise import dump, load_text, load_voice
from db.tables import analysis as table


def insert_analysis(connection: Connection, new: NewAnalysis, *, id: str, now: datetime) -> None:
    """Add a queued row."""
    connection.execute(
        insert(table).values(
            id=id,
            user_id=new.user_id,
            declaration=new.declaration,
            audio_file=new.audio_file,
            callback_url=new.callback_url,
            created_date=_naive(now),
            status=Status.QUEUED,
            progress=0,
            attempts=0,
        )
    )


def get_analysis(connection: Connection, id: str) -> Analysis | None:
    """Return one analysis, or None."""
    row = connection.execute(select(table).where(table.c.id == id)).one_or_none()
    return None if row is None else _to_analysis(row)


def claim(connection: Connection, id: str) -> bool:
    """Move queued to running; False when it was not queued any more."""
    done = connection.execute(
        update(table)
        .where(table.c.id == id, table.c.status == Status.QUEUED)
        .values(status=Status.RUNNING, attempts=table.c.attempts + 1)
    )
    return done.rowcount == 1


def set_progress(connection: Connection, id: str, percent: int) -> None:
    """Record a milestone of a running analysis."""
    connection.execute(update(table).where(table.c.id == id, table.c.status == Status.RUNNING).values(progress=percent))


def finish(connection: Connection, id: str, result: CallResult, *, now: datetime) -> None:
    """Store the result and ``done`` in one statement; only a running analysis can finish."""
    connection.execute(
        update(table)
        .where(table.c.id == id, table.c.status == Status.RUNNING)
        .values(
            status=Status.DONE,
            progress=100,
            finished_date=_naive(now),
            duration_s=result.duration_s,
            content=result.transcript.encode(),
            disdata=result.text.grade,
            mfcc=result.voice.grade,
            text_version=result.text.model_version,
            voice_version=result.voice.model_version,
            text_result=dump(result.text),
            voice_result=dump(result.voice),
            warnings=dump(result.warnings),
        )
    )


def fail(connection: Connection, id: str, error: Mapping[str, Any], *, now: datetime) -> None:
    """Store the reason and ``failed`` unless the analysis is already over."""
    connection.execute(
        update(table)
        .where(table.c.id == id, table.c.status.in_([Status.QUEUED, Status.RUNNING]))
        .values(status=Status.FAILED, finished_date=_naive(now), error=dump(error))
    )


def delete_analysis(connection: Connection, id: str) -> None:
    """Erase a row."""
    connection.execute(delete(table).where(table.c.id == id))


def _to_analysis(row: Row[Any]) -> Analysis:
    return Analysis(
        id=row.id,
        status=Status(row.status),
        progress=row.progress,
        user_id=row.user_id,
        declaration=row.declaration,
        audio_file=row.audio_file,
        created_date=row.created_date.replace(tzinfo=UTC),
        finished_date=row.finished_date and row.finished_date.replace(tzinfo=UTC),
        callback_url=row.callback_url,
        duration_s=row.duration_s,
        predict1=row.disdata,
        predict2=row.mfcc,
        text=load_text(row.text_result),
        voice=load_voice(row.voice_result),
        transcript=None if row.content is None else bytes(row.content).decode(),
        reroll=row.reroll,
        warnings=tuple(json.loads(row.warnings)) if row.warnings else (),
        error=json.loads(row.error) if row.error else None,
    )


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)

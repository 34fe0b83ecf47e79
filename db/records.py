"""The history of stored calls, a page at a time. Transcripts and sentences are not read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, String, and_, cast, or_, select, type_coerce

from core.records import HistoryFilter, Page, Position, Summary
from db.analysis_row import read_status
from db.tables import analysis

a = analysis.c
# Compared digit for digit: SQLite holds dates as text, and other programs write fewer digits into it
# than we do. A position in other digits than its row's would give that row again on the next page.
written = type_coerce(a.created_date, String)
_SUMMARY = [
    a.id,
    a.status,
    a.progress,
    a.user_id,
    a.declaration,
    a.audio_file,
    a.duration_s,
    a.disdata,
    a.mfcc,
    a.reroll,
    a.label,
    a.created_date,
    a.finished_date,
    cast(a.created_date, String).label("stored"),
]
NEWEST_FIRST = (a.created_date.desc(), a.id.desc())


def page(
    connection: Connection, wanted: HistoryFilter, *, size: int, after: Position | None = None, skip: int = 0
) -> Page:
    """Return the newest ``size`` analyses after a position, or after the first ``skip``."""
    conditions = _conditions(wanted)
    if after is not None:
        conditions.append(_after(after))
    if skip:
        # The rows to be skipped are counted in the index; reading each would take MariaDB ten times as long.
        ids = select(a.id).where(*conditions).order_by(*NEWEST_FIRST).limit(size + 1).offset(skip).subquery()
        query = select(*_SUMMARY).join(ids, ids.c.id == a.id)
    else:
        query = select(*_SUMMARY).where(*conditions)
    rows = connection.execute(query.order_by(*NEWEST_FIRST).limit(size + 1)).all()
    last = rows[size - 1] if len(rows) > size else None
    end = Position(last.stored, last.id) if last is not None else None
    return Page(tuple(_summary(row) for row in rows[:size]), end)


def _conditions(wanted: HistoryFilter) -> list[ColumnElement[bool]]:
    pairs = (
        (a.user_id, wanted.user_id),
        (a.declaration, wanted.declaration),
        (a.disdata, wanted.grade),
        (a.status, None if wanted.status is None else wanted.status.value),
    )
    found: list[ColumnElement[bool]] = [column == value for column, value in pairs if value is not None]
    if wanted.since is not None:
        found.append(written >= _shortest(wanted.since))
    if wanted.until is not None:
        found.append(written < _shortest(wanted.until))
    return found


def _after(position: Position) -> ColumnElement[bool]:
    """Say what comes after a position, in a way of which both databases make one range of the index."""
    created = position.created
    earlier = or_(written < created, and_(written == created, a.id < position.id))
    return and_(written <= created, earlier)


def _shortest(moment: datetime) -> str:
    """Write a border so that every way of writing that moment in SQLite sorts at or after it."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return text.rstrip("0").rstrip(".").removesuffix(":00").removesuffix(" 00:00")


def _summary(row: Row[Any]) -> Summary:
    return Summary(
        id=row.id,
        status=read_status(row.status).value,
        progress=row.progress,
        user_id=row.user_id,
        declaration=row.declaration,
        audio_file=row.audio_file,
        duration_s=row.duration_s,
        predict1=row.disdata,
        predict2=row.mfcc,
        reroll=row.reroll,
        label=row.label,
        created_date=row.created_date,
        finished_date=row.finished_date,
    )

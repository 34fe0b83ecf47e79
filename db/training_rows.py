"""Named queries on ``analysis`` for those who learn from it: finished calls by id, page by page.

Each takes the connection of a transaction that its caller ends. Memory does not grow with the table, and a page
costs the same everywhere in it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, Row, and_, cast, func, select

from core.evidence import RowFilter, StoredRow, VoiceRow
from core.types import Status
from db.database import Database
from db.tables import analysis, analysis_label

a = analysis.c
# Not bare: SQLite would choose the index on it and sort the whole table again for each page.
_DONE = func.coalesce(a.status, "") == Status.DONE.value
# The cast makes bytes of what is TEXT in an old SQLite file, whatever its encoding.
_CONTENT = cast(a.content, LargeBinary).label("content")
_LABELLED = (
    select(func.max(analysis_label.c.created_date))
    .where(analysis_label.c.analysis_id == a.id)
    .scalar_subquery()
    .label("labelled_date")
)
_VOICE_LABELLED = (
    select(func.max(analysis_label.c.created_date))
    .where(analysis_label.c.analysis_id == a.id, analysis_label.c.voice_label.is_not(None))
    .scalar_subquery()
    .label("voice_labelled_date")
)
_JUDGED = a.voice_label.in_((0, 1))
_VOICE_COLUMNS = (a.id, a.voice_label, a.audio_file, a.uploaded, a.duration_s, a.created_date, _VOICE_LABELLED)
_COLUMNS = (a.id, _CONTENT, a.label, a.reroll, a.disdata, a.mfcc, a.created_date, _LABELLED)


def page(connection: Connection, wanted: RowFilter, *, after: str, limit: int) -> list[StoredRow]:
    """Return the next finished rows after the id ``after``."""
    query = select(*_COLUMNS).where(_where(wanted), a.id > after).order_by(a.id).limit(limit)
    return [_stored(row) for row in connection.execute(query)]


def count(connection: Connection, wanted: RowFilter) -> int:
    """Return how many finished rows there are."""
    found: int = connection.execute(select(func.count()).select_from(analysis).where(_where(wanted))).scalar_one()
    return found


def voice_page(connection: Connection, wanted: RowFilter, *, after: str, limit: int) -> list[VoiceRow]:
    """Return the next finished rows after the id ``after`` whose voice a person judged."""
    query = select(*_VOICE_COLUMNS).where(_where(wanted), _JUDGED, a.id > after).order_by(a.id).limit(limit)
    return [
        VoiceRow(
            row.id,
            row.voice_label,
            row.audio_file,
            bool(row.uploaded),
            row.duration_s,
            row.created_date,
            row.voice_labelled_date,
        )
        for row in connection.execute(query)
    ]


def voice_count(connection: Connection, wanted: RowFilter) -> int:
    """Return how many of them there are."""
    query = select(func.count()).select_from(analysis).where(_where(wanted), _JUDGED)
    found: int = connection.execute(query).scalar_one()
    return found


class TrainingRows:
    """One transaction a method; raises ``Unavailable`` like ``Database``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, wanted: RowFilter, *, after: str, limit: int) -> list[StoredRow]:
        """Return the next finished rows after the id ``after``."""
        return self._database.read(lambda connection: page(connection, wanted, after=after, limit=limit))

    def count(self, wanted: RowFilter) -> int:
        """Return how many finished rows there are."""
        return self._database.read(lambda connection: count(connection, wanted))

    def voice_page(self, wanted: RowFilter, *, after: str, limit: int) -> list[VoiceRow]:
        """Return the next finished rows after the id ``after`` whose voice a person judged."""
        return self._database.read(lambda connection: voice_page(connection, wanted, after=after, limit=limit))

    def voice_count(self, wanted: RowFilter) -> int:
        """Return how many of them there are."""
        return self._database.read(lambda connection: voice_count(connection, wanted))


def _where(wanted: RowFilter) -> ColumnElement[bool]:
    conditions = [_DONE]
    if wanted.user_id is not None:
        conditions.append(a.user_id == wanted.user_id)
    if wanted.since is not None:
        conditions.append(a.created_date >= wanted.since)
    if wanted.until is not None:
        conditions.append(a.created_date < wanted.until)
    if wanted.source is not None:
        conditions.append(a.audio_file.startswith(wanted.source, autoescape=True))
    return and_(*conditions)


def _stored(row: Row[Any]) -> StoredRow:
    return StoredRow(
        row.id, row.content, row.label, row.reroll, row.disdata, row.mfcc, row.created_date, row.labelled_date
    )

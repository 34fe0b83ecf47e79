"""Erasing what is stored of many calls: by age or by user; each query takes the connection of a transaction."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select

from db.database import Database
from db.tables import analysis, analysis_chunk, analysis_label

a = analysis.c


@dataclass(frozen=True, slots=True)
class Doomed:
    """Which calls are meant: those created before a moment or those of one user; never all."""

    before: datetime | None = None
    user_id: str | None = None

    def __post_init__(self) -> None:
        if self.before is None and self.user_id is None:
            raise ValueError("neither an age nor a user: that would be every row")


@dataclass(frozen=True, slots=True)
class Counts:
    """So many rows of each table."""

    analyses: int = 0
    chunks: int = 0
    labels: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.analyses + other.analyses, self.chunks + other.chunks, self.labels + other.labels)


def count(connection: Connection, doomed: Doomed) -> Counts:
    """Count the rows that would go."""
    mine = _where(doomed)
    ids = select(a.id).where(mine)
    queries = (
        select(func.count()).select_from(analysis).where(mine),
        select(func.count()).select_from(analysis_chunk).where(analysis_chunk.c.analysis_id.in_(ids)),
        select(func.count()).select_from(analysis_label).where(analysis_label.c.analysis_id.in_(ids)),
    )
    return Counts(*(connection.execute(query).scalar_one() for query in queries))


def ids(connection: Connection, doomed: Doomed, *, after: str | None, limit: int) -> list[str]:
    """Return the next ids in their order, whatever the state of their rows."""
    query = select(a.id).where(_where(doomed)).order_by(a.id).limit(limit)
    if after is not None:
        query = query.where(a.id > after)
    return [str(id) for id in connection.execute(query).scalars()]


def erase(connection: Connection, ids: Sequence[str]) -> Counts:
    """Erase the rows of these ids in every table; safe to repeat."""
    chunks = connection.execute(delete(analysis_chunk).where(analysis_chunk.c.analysis_id.in_(ids))).rowcount
    analyses = connection.execute(delete(analysis).where(a.id.in_(ids))).rowcount
    # Last: whoever labels a row at this moment holds it until the label is there.
    labels = connection.execute(delete(analysis_label).where(analysis_label.c.analysis_id.in_(ids))).rowcount
    return Counts(analyses, chunks, labels)


class PurgeStore:
    """One transaction a method; raises ``Unavailable`` like ``Database``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, doomed: Doomed) -> Counts:
        """Count the rows that would go."""
        return self._database.read(lambda connection: count(connection, doomed))

    def ids(self, doomed: Doomed, *, after: str | None, limit: int) -> list[str]:
        """Return the next ids in their order."""
        return self._database.read(lambda connection: ids(connection, doomed, after=after, limit=limit))

    def erase(self, ids: Sequence[str]) -> Counts:
        """Erase the rows of these ids in every table."""
        return self._database.write(lambda connection: erase(connection, ids))

    def close(self) -> None:
        """Close the connections of this process."""
        self._database.close()


def _where(doomed: Doomed) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    if doomed.user_id is not None:
        # The service stores user ids composed (NFC); other programs may have stored what they were given.
        forms = {doomed.user_id, unicodedata.normalize("NFC", doomed.user_id)}
        conditions.append(a.user_id.in_(sorted(forms)))
    if doomed.before is not None:
        conditions.append(a.created_date < doomed.before)
    return and_(*conditions)

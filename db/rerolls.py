"""Named queries on ``analysis`` for scoring stored transcripts again.

Each takes the connection of a transaction that its caller ends. Finished rows only; every page is the
next rows by id, so that memory does not grow with the table and a page costs the same everywhere in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, Row, and_, case, cast, func, or_, select, update

from core.types import Status, TextResult
from db import serialise
from db.tables import analysis

a = analysis.c
_DONE = a.status == Status.DONE.value
# Not bare: SQLite would choose the index on it and sort the whole table again for each page.
_DONE_WITHOUT_INDEX = func.coalesce(a.status, "") == Status.DONE.value
# The cast makes bytes of what is TEXT in an old SQLite file, whatever its encoding.
_CONTENT = cast(a.content, LargeBinary).label("content")
# Only of calls that were not judged: the results of the others are long, and nothing in them is asked for.
_WHY_NOT = case((a.disdata.is_(None), a.text_result)).label("text_result")
_VERDICT = (a.reroll, a.reroll_version, a.reroll_date, a.disdata, a.text_version)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a text model said of a call; ``score`` (0..1) is None where it was not kept."""

    grade: int | None
    score: float | None
    model_version: str | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A finished row: its transcript as it lies there, the verdict that holds now, and why the call was not judged."""

    id: str
    content: bytes | None
    old: Verdict
    reason: str | None = None


def of_pair(
    connection: Connection, user_id: str, declaration: str, *, id: str | None, after: str, limit: int
) -> list[Stored]:
    """Return the next rows of a user about a number, after the id ``after``; of one ``id`` only, if given."""
    mine = and_(_DONE, a.user_id == user_id, a.declaration == declaration, a.id > after)
    if id is not None:
        mine = and_(mine, a.id == id)
    query = select(a.id, _CONTENT, *_VERDICT, a.text_result).where(mine).order_by(a.id).limit(limit)
    return [_stored(row) for row in connection.execute(query)]


def outdated(connection: Connection, version: str, *, after: str, limit: int) -> list[Stored]:
    """Return the next rows whose grade another text model than ``version`` gave; their scores are not read."""
    where = and_(_DONE_WITHOUT_INDEX, _outdated(version), a.id > after)
    query = select(a.id, _CONTENT, *_VERDICT, _WHY_NOT).where(where).order_by(a.id).limit(limit)
    return [_stored(row) for row in connection.execute(query)]


def count_outdated(connection: Connection, version: str) -> int:
    """Return how many rows another text model than ``version`` graded."""
    query = select(func.count()).select_from(analysis).where(_DONE, _outdated(version))
    found: int = connection.execute(query).scalar_one()
    return found


def write(connection: Connection, grades: Sequence[tuple[str, int | None]], *, version: str, now: datetime) -> set[str]:
    """Store new grades by id and return the ids that were still there; no other column is touched."""
    return {
        id
        for id, grade in grades
        if connection.execute(
            update(analysis).where(a.id == id, _DONE).values(reroll=grade, reroll_version=version, reroll_date=now)
        ).rowcount
        == 1
    }


def _outdated(version: str) -> ColumnElement[bool]:
    latest = func.coalesce(a.reroll_version, a.text_version)
    return or_(latest.is_(None), latest != version)


def _stored(row: Row[Any]) -> Stored:
    try:
        text = serialise.text_from_json(row.text_result) or TextResult()
    except serialise.Unreadable:
        text = TextResult()
    old = Verdict(row.disdata, text.score, row.text_version)
    if row.reroll_date is not None or row.reroll_version is not None or row.reroll is not None:
        old = Verdict(row.reroll, None, row.reroll_version)
    return Stored(row.id, row.content, old, text.reason)

"""What a user's finished calls were, counted in the database: no transcript and no sentence is read out of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, null, select, text

from core.types import Status
from db.database import Database
from db.tables import analysis

a = analysis.c


@dataclass(frozen=True, slots=True)
class Seen:
    """So many finished analyses of a grade (predict1) and scam type; either is None where there is none."""

    grade: int | None
    scam_type: str | None
    calls: int


def seen(connection: Connection, user_id: str) -> list[Seen]:
    """Count the finished analyses of a user by grade and scam type; the index on ``user_id`` finds them."""
    # One path would be answered as bare text by SQLite and as JSON by MariaDB; two are a JSON list in both.
    both = func.json_extract(a.text_result, "$.scam_type", "$.scam_type")
    # A row that other programs wrote may hold anything: what is no JSON has no scam type.
    kind = case((func.json_valid(a.text_result) == 1, both), else_=null()).label("kind")
    # Not bare: SQLite would choose the index on the status and read everybody's calls.
    done = func.coalesce(a.status, "") == Status.DONE.value
    query = select(a.disdata, kind, func.count().label("calls")).where(a.user_id == user_id, done)
    query = query.group_by(a.disdata, text("kind"))
    return [Seen(_grade(row.disdata), _text(row.kind), row.calls) for row in connection.execute(query)]


class GuidanceStore:
    """One transaction a method; raises ``Unavailable`` like ``Database``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seen(self, user_id: str) -> Sequence[Seen]:
        """Count the finished analyses of a user by grade and scam type."""
        return self._database.read(lambda connection: seen(connection, user_id))


def _grade(stored: int | None) -> int | None:
    return stored if stored in (0, 1, 2) else None


def _text(stored: str | None) -> str | None:
    first = json.loads(stored)[0] if stored else None
    return first if isinstance(first, str) else None

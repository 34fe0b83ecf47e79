"""What a user's finished calls were, counted in the database: no transcript and no sentence is read out of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, null, select

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
    # A row that other programs wrote may hold anything: what is no JSON has no scam type.
    kind = case((func.json_valid(a.text_result) == 1, func.json_extract(a.text_result, "$.scam_type")), else_=null())
    query = (
        select(a.disdata, kind.label("kind"), func.count().label("calls"))
        .where(a.user_id == user_id, a.status == Status.DONE.value)
        .group_by(a.disdata, kind)
    )
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


def _text(stored: object) -> str | None:
    """Return the text: SQLite gives it bare, MariaDB as JSON."""
    text = stored.decode() if isinstance(stored, bytes) else stored
    if not isinstance(text, str):
        return None
    if text.startswith('"') or text == "null":
        text = json.loads(text)
    return text if isinstance(text, str) else None

"""Finished rows as those see them who score transcripts again: read pages, store grades."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from db import rerolls
from db.database import Database
from db.rerolls import Stored


class RerollStore:
    """One transaction a method; raises ``Unavailable`` like ``Database``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_pair(self, user_id: str, declaration: str, *, id: str | None, after: str, limit: int) -> list[Stored]:
        """Return the next finished rows of a user about a number, by id; of one ``id`` only, if given."""
        return self._database.read(
            lambda connection: rerolls.of_pair(connection, user_id, declaration, id=id, after=after, limit=limit)
        )

    def outdated(self, version: str, *, after: str, limit: int) -> list[Stored]:
        """Return the next finished rows that another text model than ``version`` graded, by id."""
        return self._database.read(lambda connection: rerolls.outdated(connection, version, after=after, limit=limit))

    def count_outdated(self, version: str) -> int:
        """Return how many there are."""
        return self._database.read(lambda connection: rerolls.count_outdated(connection, version))

    def write(self, grades: Sequence[tuple[str, int | None]], *, version: str, now: datetime) -> set[str]:
        """Store new grades by id and return the ids that were still there."""
        return self._database.write(
            lambda connection: rerolls.write(connection, grades, version=version, now=now),
            for_s=self._database.result_retry_for_s,
        )

    def close(self) -> None:
        """Close the connections of this process."""
        self._database.close()

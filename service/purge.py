"""Erase what is stored of many calls: rows, chunk transcripts, labels, kept wav files and uploads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from core.errors import InvalidRequest
from db.purge import Counts, Doomed
from service.places import Places

BATCH = 200
"""Rows of one transaction: short enough not to hold up a server that works on the same database."""


class Rows(Protocol):
    """The database as this service needs it; ``db.purge`` says what each method promises."""

    def count(self, doomed: Doomed) -> Counts:
        """Count the rows that would go."""
        ...

    def ids(self, doomed: Doomed, *, after: str | None, limit: int) -> list[str]:
        """Return the next ids in their order."""
        ...

    def erase(self, ids: Sequence[str]) -> Counts:
        """Erase the rows of these ids in every table."""
        ...

    def close(self) -> None:
        """Close the connections of this process."""
        ...


@dataclass(frozen=True, slots=True)
class Erased:
    """How much went, or would go."""

    analyses: int
    chunks: int
    labels: int
    files: int


class Purge:
    """Erases in batches; what was erased stays erased when it is stopped, and the next run goes on."""

    def __init__(
        self, *, rows: Rows, places: Places, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Remember where rows and files lie; ``places`` names the folder of wav files even if none are kept now."""
        self._rows, self._places, self._clock = rows, places, clock

    def doomed(self, *, older_than_days: int | None = None, user_id: str | None = None) -> Doomed:
        """Say which calls are meant: older than so many days, of one user, or both.

        Raises:
            InvalidRequest: when neither is given, or the days reach back before the calendar.
        """
        if older_than_days is None and user_id is None:
            raise InvalidRequest("say how old, or whose")
        if older_than_days is None:
            return Doomed(user_id=user_id)
        try:
            return Doomed(before=self._clock() - timedelta(days=older_than_days), user_id=user_id)
        except OverflowError as error:
            raise InvalidRequest("so many days ago there was no calendar", field="older-than") from error

    def count(self, doomed: Doomed) -> Erased:
        """Count what would go; nothing is erased."""
        found = self._rows.count(doomed)
        files = sum(len(self._places.files(id)) for ids in self._pages(doomed) for id in _file_names(ids))
        return Erased(found.analyses, found.chunks, found.labels, files)

    def erase(self, doomed: Doomed, report: Callable[[int], None]) -> Erased:
        """Erase every call that is meant; ``report`` hears how many more are gone."""
        total, files = Counts(), 0
        for ids in self._pages(doomed):
            # Files first: a row that is left is found again, a file without a row never. And once more
            # afterwards: a call that was just running may have kept its wav in between.
            files += self._erase_files(ids)
            gone = self._rows.erase(ids)
            files += self._erase_files(ids)
            total += gone
            report(gone.analyses)
        return Erased(total.analyses, total.chunks, total.labels, files)

    def close(self) -> None:
        """Close the database; for a script, which has it to itself."""
        self._rows.close()

    def _pages(self, doomed: Doomed) -> Iterator[list[str]]:
        after: str | None = None
        while page := self._rows.ids(doomed, after=after, limit=BATCH):
            yield page
            after = page[-1]

    def _erase_files(self, ids: Sequence[str]) -> int:
        named = _file_names(ids)
        found = sum(len(self._places.files(id)) for id in named)
        for id in named:
            self._places.erase(id)
        return found


def _file_names(ids: Sequence[str]) -> list[str]:
    """Return the ids that may name our files: another program may have written any text into a row."""
    return [id for id in ids if id not in ("", ".", "..") and not set(id) & set("/\\\0")]

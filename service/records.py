"""Look back: the history of calls, what people found out about them, and reported numbers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Protocol

from core.errors import InvalidRequest, NotFound
from core.records import HistoryFilter, NumberReport, OfficialNumber, Page, Position, Summary
from core.types import Label

MAX_OFFSET = 10_000
"""Rows that can be reached by page number: each of them is read to be skipped. A cursor has no end."""
BATCH = 500


class RecordKeeper(Protocol):
    """The database as this service needs it; ``db.record_store`` says what each method promises."""

    def page(self, wanted: HistoryFilter, *, size: int, after: Position | None = None, skip: int = 0) -> Page:
        """Return the newest ``size`` analyses after a position, or after the first ``skip``."""
        ...

    def add_label(self, label: Label) -> None:
        """Add a label or raise ``NotFound``."""
        ...

    def labels(self, analysis_id: str) -> tuple[Label, ...] | None:
        """Return labels newest first; None without such an analysis."""
        ...

    def number(self, declaration: str) -> NumberReport:
        """Count what was reported of a number."""
        ...

    def replace_official(self, official: Sequence[OfficialNumber]) -> None:
        """Replace the list of official numbers."""
        ...


class Records:
    """The use cases of those who look back."""

    def __init__(self, *, store: RecordKeeper, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store, self._clock = store, clock

    def page(self, wanted: HistoryFilter, *, size: int, after: Position | None = None, number: int = 1) -> Page:
        """Return a page of the history, newest first: the one after a position, or the ``number``-th (from 1).

        Pages that follow a position neither repeat nor miss a row while rows are added.

        Raises:
            InvalidRequest: when the page number reaches beyond the first ``MAX_OFFSET`` rows.
        """
        if after is not None:
            return self._store.page(wanted, size=size, after=after)
        if number * size > MAX_OFFSET:
            raise InvalidRequest(f"page reaches the first {MAX_OFFSET} rows only; go on with cursor", field="page")
        return self._store.page(wanted, size=size, skip=(number - 1) * size)

    def export(self, wanted: HistoryFilter) -> Iterator[Summary]:
        """Return the whole history, newest first, without ever holding more than a batch of it.

        The first batch is read at once, so that a database that is away is noticed before anything is sent.
        """
        return self._rest(wanted, self._store.page(wanted, size=BATCH))

    def _rest(self, wanted: HistoryFilter, page: Page) -> Iterator[Summary]:
        yield from page.items
        while page.end is not None:
            page = self._store.page(wanted, size=BATCH, after=page.end)
            yield from page.items

    def label(
        self, analysis_id: str, label: int, *, note: str | None = None, by: str | None = None, voice: int | None = None
    ) -> Label:
        """Note what a person found, 1 scam or 0 not, and 1 altered voice or 0 genuine; earlier labels are kept.

        Raises:
            NotFound: when there is no such analysis.
        """
        given = Label(str(uuid.uuid4()), analysis_id, label, note, by, self._clock(), voice)
        self._store.add_label(given)
        return given

    def labels(self, analysis_id: str) -> tuple[Label, ...]:
        """Return every label of an analysis, newest first, or raise ``NotFound``."""
        found = self._store.labels(analysis_id)
        if found is None:
            raise NotFound("there is no analysis of that id")
        return found

    def number(self, declaration: str) -> NumberReport:
        """Return what is known about a number, given in digits."""
        return self._store.number(declaration)

    def replace_official(self, official: Sequence[OfficialNumber]) -> None:
        """Put these in the place of all official numbers, in one transaction."""
        self._store.replace_official(official)

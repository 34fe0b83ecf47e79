"""Stored calls as those who look back see them: history, labels, numbers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from core.records import HistoryFilter, NumberReport, OfficialNumber, Page, Position
from core.types import Label
from db import labels, numbers, records
from db.database import Database


class RecordStore:
    """One transaction a method; raises ``Unavailable`` like ``Database``."""

    def __init__(self, database: Database) -> None:
        """Share the connections of a database."""
        self._database = database

    def page(self, wanted: HistoryFilter, *, size: int, after: Position | None = None, skip: int = 0) -> Page:
        """Return the newest ``size`` analyses after a position, or after the first ``skip``."""
        return self._database.read(
            lambda connection: records.page(connection, wanted, size=size, after=after, skip=skip)
        )

    def add_label(self, label: Label) -> None:
        """Add a label; the newest becomes the analysis' own.

        Raises:
            NotFound: when there is no such analysis.
        """
        self._database.write(lambda connection: labels.add_label(connection, label))

    def labels(self, analysis_id: str) -> tuple[Label, ...] | None:
        """Return the labels of an analysis, newest first; None when there is no such analysis."""

        def work(connection: Connection) -> tuple[Label, ...] | None:
            return labels.labels(connection, analysis_id) if labels.exists(connection, analysis_id) else None

        return self._database.read(work)

    def number(self, declaration: str) -> NumberReport:
        """Count what was reported of a number."""
        return self._database.read(lambda connection: numbers.number(connection, declaration))

    def replace_official(self, official: Sequence[OfficialNumber]) -> None:
        """Put these in the place of all official numbers."""
        self._database.write(lambda connection: numbers.replace_official(connection, official))

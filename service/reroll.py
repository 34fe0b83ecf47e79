"""Score stored transcripts again, with the active text model or another of the registry."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from core.errors import NotFound
from db.rerolls import Stored
from db.transcripts import decode_transcript
from models.protocols import TextModel
from pipeline.text import LOW_CONFIDENCE, score_call
from service.paging import pages
from service.text_models import TextModels
from service.verdicts import ERASED, NO_TRANSCRIPT, UNDECODABLE, Answer, Item, NewVerdict, Summary

BATCH = 200
"""Rows of one transaction, and transcripts held at once."""


class Rows(Protocol):
    """Finished rows; see ``db.reroll_store`` for what each promises."""

    def of_pair(self, user_id: str, declaration: str, *, id: str | None, after: str, limit: int) -> list[Stored]:
        """Return the next rows of a user about a number."""
        ...

    def outdated(self, version: str, *, after: str, limit: int) -> list[Stored]:
        """Return the next rows that another model graded."""
        ...

    def count_outdated(self, version: str) -> int:
        """Return how many there are."""
        ...

    def write(self, grades: Sequence[tuple[str, int | None]], *, version: str, now: datetime) -> set[str]:
        """Store grades by id; return the ids that were still there."""
        ...

    def close(self) -> None:
        """Close the connections of this process."""
        ...


class Reroll:
    """Reads transcripts, judges them outside any transaction, stores the grades of a batch in one."""

    def __init__(
        self, *, rows: Rows, models: TextModels, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._rows, self._models, self._clock = rows, models, clock

    def pair(
        self, user_id: str, declaration: str, *, id: str | None = None, model_version: str | None = None
    ) -> Answer:
        """Score every finished row of a user about a number again, or the one of ``id``.

        Raises:
            NotFound: when there is none, or no such model version.
            InvalidRequest: when ``model_version`` is no version name.
        """
        model = self._models.get(model_version)
        found = pages(lambda after: self._rows.of_pair(user_id, declaration, id=id, after=after, limit=BATCH))
        items = tuple(item for page in found for item in self._score(page, model))
        if not items:
            raise NotFound("there is no finished analysis of that user and number")
        return Answer(model.version, items)

    def outdated(self, *, limit: int | None, report: Callable[[int, int], None]) -> Summary:
        """Score every finished row again whose grade is not by the active model; stop after ``limit`` grades.

        What is stored stays stored: a pass that was cut short goes on where it was, when called again.
        Rows that cannot be scored are passed by and do not count against ``limit``, or they would
        block it for ever. ``report`` hears how many rows are done and how many there are.
        """
        started = time.perf_counter()
        model = self._models.get()
        summary = Summary(model.version, found=self._rows.count_outdated(model.version))

        def read(after: str) -> list[Stored]:
            room = BATCH if limit is None else min(BATCH, limit - summary.rescored)
            return self._rows.outdated(model.version, after=after, limit=room) if room > 0 else []

        passed = 0
        for page in pages(read):
            for item in self._score(page, model):
                summary.count(item)
            passed += len(page)
            report(passed, summary.found)
        summary.seconds = round(time.perf_counter() - started, 3)
        summary.rows_per_s = round(passed / max(summary.seconds, 0.001), 1)
        return summary

    def close(self) -> None:
        """Close the database; for a script, which has it to itself."""
        self._rows.close()

    def _score(self, page: Sequence[Stored], model: TextModel) -> list[Item]:
        items = [_judge(row, model) for row in page]
        grades = [(item.id, item.new.grade) for item in items if item.new is not None]
        kept = self._rows.write(grades, version=model.version, now=self._clock()) if grades else set()
        return [
            item if item.new is None or item.id in kept else Item(item.id, item.old, error=ERASED) for item in items
        ]


def _judge(row: Stored, model: TextModel) -> Item:
    if row.content is None:
        return Item(row.id, row.old, error=NO_TRANSCRIPT)
    transcript = decode_transcript(row.content)
    if transcript is None:
        return Item(row.id, row.old, error=UNDECODABLE)
    if row.reason == LOW_CONFIDENCE:  # no other model makes what was heard any better
        return Item(row.id, row.old, new=NewVerdict(None, None, LOW_CONFIDENCE, model.version))
    result = score_call(transcript, model)
    return Item(row.id, row.old, new=NewVerdict(result.grade, result.score, result.reason, model.version))

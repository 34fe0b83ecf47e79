"""Frozen values about stored calls: pages of history, numbers. Dates are UTC, aware."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from core.types import Status


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which analyses are meant; None means any. ``since`` is included, ``until`` is not."""

    user_id: str | None = None
    declaration: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    grade: int | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the order of the history: ``created`` as the database writes it, ties broken by ``id``."""

    created: str
    id: str


@dataclass(frozen=True, slots=True)
class Summary:
    """An analysis without what was said. ``status`` is plain text: others may write rows, too."""

    id: str
    status: str
    progress: int
    user_id: str
    declaration: str
    audio_file: str
    duration_s: float | None
    predict1: int | None
    predict2: int | None
    reroll: int | None
    label: int | None
    created_date: datetime
    finished_date: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first; ``end`` is the place of the last item, None when nothing follows it."""

    items: tuple[Summary, ...]
    end: Position | None


@dataclass(frozen=True, slots=True)
class OfficialNumber:
    """A number that belongs to a known institution; ``declaration`` holds digits only."""

    declaration: str
    name: str
    source: str
    checked_date: date


@dataclass(frozen=True, slots=True)
class Month:
    """One month of reports, ``month`` as YYYY-MM in UTC."""

    month: str
    reports: int
    grade_2: int


@dataclass(frozen=True, slots=True)
class NumberReport:
    """What is known about a reported number. ``by_grade`` counts predict1, None for calls not judged."""

    declaration: str
    official: OfficialNumber | None
    reports: int
    distinct_reporters: int
    first_seen: datetime | None
    last_seen: datetime | None
    by_grade: dict[int | None, int]
    by_month: tuple[Month, ...]
    labelled_scam: int
    labelled_normal: int

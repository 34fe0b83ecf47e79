"""Frozen values about stored calls that a model may learn from. Dates are UTC, aware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which calls an update may learn from; None means any. ``since`` is included, ``until`` is not.

    ``source`` is the beginning of ``audio_file``: the folder in which a site puts its recordings.
    """

    user_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A finished call as it lies in the database. ``label`` is a person's, ``labelled_date`` when it was given last."""

    id: str
    content: bytes | None
    label: int | None
    reroll: int | None
    disdata: int | None
    mfcc: int | None
    created_date: datetime
    labelled_date: datetime | None


@dataclass(frozen=True, slots=True)
class VoiceRow:
    """A finished call whose voice a person judged: ``voice_label`` is 1 for an altered one, 0 for a genuine one."""

    id: str
    voice_label: int
    audio_file: str
    uploaded: bool
    duration_s: float | None
    created_date: datetime
    labelled_date: datetime | None


@dataclass(frozen=True, slots=True)
class UpdateRun:
    """A model update as it is written down. ``status`` is queued, running, done or failed."""

    id: str
    kind: str
    status: str
    options: Mapping[str, Any]
    created_date: datetime
    started_date: datetime | None = None
    finished_date: datetime | None = None
    exit_code: int | None = None
    version: str | None = None
    summary: str | None = None
    report: Mapping[str, Any] = field(default_factory=dict)

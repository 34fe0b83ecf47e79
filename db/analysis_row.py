"""A row of ``analysis`` as the other rooms see it.

Rows outlive versions, and other programs and people write into them: what cannot be read is left out, and a
warning says so, rather than hiding the rest of the call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Row

from core.types import Analysis, Label, Status
from db import serialise
from db.transcripts import decode_transcript

Part = TypeVar("Part")


def analysis_of(row: Row[Any], *, label: Label | None) -> Analysis:
    """Return the value of a row and of its newest label; each part that is damaged adds ``<column>_unreadable``."""
    damaged: list[str] = []

    def part(column: str, read: Callable[[str | None], Part | None]) -> Part | None:
        try:
            return read(getattr(row, column))
        except serialise.Unreadable:
            damaged.append(f"{column}_unreadable")
            return None

    text, voice = part("text_result", serialise.text_from_json), part("voice_result", serialise.voice_from_json)
    error, warnings = part("error", serialise.error_from_json), part("warnings", serialise.warnings_from_json)
    return Analysis(
        id=row.id,
        status=read_status(row.status),
        progress=row.progress,
        user_id=row.user_id,
        declaration=row.declaration,
        audio_file=row.audio_file,
        created_date=row.created_date,
        finished_date=row.finished_date,
        callback_url=row.callback_url,
        duration_s=row.duration_s,
        predict1=row.disdata,
        predict2=row.mfcc,
        text=text,
        voice=voice,
        transcript=_transcript(row.content),
        reroll=row.reroll,
        label=label,
        warnings=(*(warnings or ()), *damaged),
        error=error,
        uploaded=bool(row.uploaded),
        reported=row.reported,
        callback_error=row.callback_error,
    )


def read_status(stored: str) -> Status:
    """Return the status; one that we do not know is ``failed``, because nobody will run such a row."""
    return Status(stored) if stored in list(Status) else Status.FAILED


def _transcript(content: bytes | str | None) -> str | None:
    """Return the text; rows of an earlier system may hold CP949, text where bytes belong, or what nobody can read."""
    return decode_transcript(content) if isinstance(content, bytes) else content

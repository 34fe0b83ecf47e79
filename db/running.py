"""The score of a call that is still being heard: one row among its chunk transcripts, gone when they go."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, and_, select

from core.types import Claim, RunningScore
from db import jobs, serialise
from db.tables import analysis_chunk

NOT_A_CHUNK = -1
"""First and last sample of the row: no stretch of sound."""
_chunk = analysis_chunk.c


def set_running(connection: Connection, held: Claim, score: RunningScore) -> bool:
    """Store the score of the beginning; False when the analysis is not held any more."""
    return jobs.put_chunk(connection, held, NOT_A_CHUNK, NOT_A_CHUNK, serialise.to_json(asdict(score)))


def running(connection: Connection, id: str) -> RunningScore | None:
    """Return the score so far, or None before there is one, after the end, and where another version wrote it."""
    mine = and_(_chunk.analysis_id == id, _chunk.start_sample == NOT_A_CHUNK, _chunk.end_sample == NOT_A_CHUNK)
    stored = connection.execute(select(_chunk.segments).where(mine)).scalar_one_or_none()
    try:
        return None if stored is None else serialise.running_from_json(stored)
    except serialise.Unreadable:
        return None

"""Named queries about callbacks: what the receiver took, what is owed, what was given up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from core.types import FINAL, PROGRESS, Analysis, Stage
from db import analyses
from db.tables import analysis

a = analysis.c
_DELIVERED = PROGRESS[Stage.DONE]


def set_reported(connection: Connection, id: str, percent: int) -> None:
    """Note that the receiver took the report of ``percent``; the last one ends the courier's duty."""
    values = {"reported": percent} | ({"courier_until": None} if percent >= _DELIVERED else {})
    connection.execute(update(analysis).where(a.id == id, a.reported < percent).values(**values))


def set_dead(connection: Connection, id: str, reason: str) -> None:
    """Note that nothing more is sent, and why."""
    connection.execute(update(analysis).where(a.id == id).values(callback_error=reason[:255], courier_until=None))


def take_owed(connection: Connection, *, now: datetime, courier_until: datetime) -> Analysis | None:
    """Take over one finished analysis whose courier died with reports unsent; None when there is none."""
    found = connection.execute(select(a.id).where(a.courier_until < now).limit(1)).scalar()
    if found is None:
        return None
    taken = connection.execute(
        update(analysis)
        .where(a.id == found, a.courier_until < now, or_(*(a.status == status.value for status in FINAL)))
        .values(courier_until=courier_until)
    )
    return analyses.get_analysis(connection, str(found)) if taken.rowcount == 1 else None

"""Named queries on the labels that people give to analyses; each takes the connection of a transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from core.errors import NotFound
from core.types import Label
from db.tables import analysis, analysis_label

a = analysis.c


def add_label(connection: Connection, label: Label) -> None:
    """Add a label to the history of an analysis and keep the newest one in its row; safe to repeat.

    Raises:
        NotFound: when there is no such analysis.
    """
    # Who holds the row decides alone which label is the newest.
    if connection.execute(select(a.id).where(a.id == label.analysis_id).with_for_update()).one_or_none() is None:
        raise NotFound("there is no analysis of that id")
    if connection.execute(select(analysis_label.c.id).where(analysis_label.c.id == label.id)).one_or_none() is None:
        connection.execute(
            insert(analysis_label).values(
                id=label.id,
                analysis_id=label.analysis_id,
                label=label.label,
                note=label.note,
                labelled_by=label.labelled_by,
                created_date=label.created_date,
                voice_label=label.voice_label,
            )
        )
    counts = newest(connection, label.analysis_id) or label
    values = {"label": counts.label, "voice_label": _newest_voice(connection, label.analysis_id)}
    connection.execute(update(analysis).where(a.id == label.analysis_id).values(values))


def labels(connection: Connection, analysis_id: str) -> tuple[Label, ...]:
    """Return every label an analysis was given, newest first."""
    return tuple(_label(row) for row in connection.execute(_newest_first(analysis_id)))


def newest(connection: Connection, analysis_id: str) -> Label | None:
    """Return the label that counts, or None."""
    row = connection.execute(_newest_first(analysis_id).limit(1)).one_or_none()
    return None if row is None else _label(row)


def exists(connection: Connection, id: str) -> bool:
    """Tell whether there is such an analysis."""
    return connection.execute(select(a.id).where(a.id == id)).one_or_none() is not None


def _newest_voice(connection: Connection, analysis_id: str) -> int | None:
    """Return the newest verdict about the voice: one about the scam alone leaves it as it was."""
    judged = _newest_first(analysis_id).where(analysis_label.c.voice_label.is_not(None)).limit(1)
    row = connection.execute(judged).one_or_none()
    return None if row is None else int(row.voice_label)


def _newest_first(analysis_id: str) -> Select[Any]:
    label = analysis_label.c
    mine = select(analysis_label).where(label.analysis_id == analysis_id)
    return mine.order_by(label.created_date.desc(), label.id.desc())


def _label(row: Row[Any]) -> Label:
    return Label(row.id, row.analysis_id, row.label, row.note, row.labelled_by, row.created_date, row.voice_label)

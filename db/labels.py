"""Named queries on the labels that people give to analyses; each takes the connection of a transaction."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from core.errors import NotFound
from core.records import Label
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
            )
        )
    newest = labels(connection, label.analysis_id)[0]
    connection.execute(update(analysis).where(a.id == label.analysis_id).values(label=newest.label))


def labels(connection: Connection, analysis_id: str) -> tuple[Label, ...]:
    """Return every label an analysis was given, newest first."""
    label = analysis_label.c
    query = select(analysis_label).where(label.analysis_id == analysis_id)
    rows = connection.execute(query.order_by(label.created_date.desc(), label.id.desc()))
    return tuple(Label(row.id, row.analysis_id, row.label, row.note, row.labelled_by, row.created_date) for row in rows)


def exists(connection: Connection, id: str) -> bool:
    """Tell whether there is such an analysis."""
    return connection.execute(select(a.id).where(a.id == id)).one_or_none() is not None

"""Named queries on reported and official numbers; each takes the connection of a transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection, String, cast, delete, distinct, func, insert, select

from core.records import Month, NumberReport, OfficialNumber
from db.tables import analysis, official_number

MONTHS = 24
a = analysis.c


def number(connection: Connection, declaration: str) -> NumberReport:
    """Count what was reported of a number; everything comes from one index."""
    month = func.substr(cast(a.created_date, String), 1, 7)  # of YYYY-MM-DD, in either database
    groups = connection.execute(
        select(
            month.label("month"),
            a.disdata,
            a.label,
            func.count().label("reports"),
            func.min(a.created_date).label("first"),
            func.max(a.created_date).label("last"),
        )
        .where(a.declaration == declaration)
        .group_by(month, a.disdata, a.label)
    ).all()
    reporters: int = connection.execute(
        select(func.count(distinct(a.user_id))).where(a.declaration == declaration)
    ).scalar_one()
    grades, months, dangers, labelled = Counter[int | None](), Counter[str](), Counter[str](), Counter[int | None]()
    for row in groups:
        grades[row.disdata if row.disdata in (0, 1, 2) else None] += row.reports
        months[row.month] += row.reports
        dangers[row.month] += row.reports if row.disdata == 2 else 0
        labelled[row.label] += row.reports
    return NumberReport(
        declaration=declaration,
        official=_official(connection, declaration),
        reports=grades.total(),
        distinct_reporters=reporters,
        first_seen=min((row.first for row in groups), default=None),
        last_seen=max((row.last for row in groups), default=None),
        by_grade={grade: grades[grade] for grade in (0, 1, 2, None)},
        by_month=tuple(Month(name, months[name], dangers[name]) for name in sorted(months)[-MONTHS:]),
        labelled_scam=labelled[1],
        labelled_normal=labelled[0],
    )


def replace_official(connection: Connection, numbers: Sequence[OfficialNumber]) -> None:
    """Put these in the place of all official numbers."""
    connection.execute(delete(official_number))
    rows = [
        {"declaration": one.declaration, "name": one.name, "source": one.source, "checked_date": one.checked_date}
        for one in numbers
    ]
    if rows:
        connection.execute(insert(official_number), rows)


def _official(connection: Connection, declaration: str) -> OfficialNumber | None:
    query = select(official_number).where(official_number.c.declaration == declaration)
    row = connection.execute(query).one_or_none()
    return None if row is None else OfficialNumber(row.declaration, row.name, row.source, row.checked_date)

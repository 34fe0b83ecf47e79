"""Take over a table ``analysis`` that an earlier system filled: used by revision 0001.

Its rows are copied into a table of our shape, which then takes its name. Until that moment the old
table is only read, so whatever fails or dies before leaves it as it was, and the next start begins
anew. ``docs/MIGRATION.md`` tells operators what becomes of each value.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from core.errors import ConfigurationError
from db.migrations.old_values import Expression, Old, convert, has_result
from db.tables import analysis

log = logging.getLogger(__name__)
NEW_TABLE, OLD_TABLE = "analysis_adopted", "analysis_before_adoption"
CONTRACT = ("user_id", "declaration", "audio_file", "content", "disdata", "mfcc", "reroll", "created_date")
OF_0001 = {"status", "progress", "attempts", "claim_token", "text_result", "voice_result"}
WARNING = "adopted"
UNFINISHED = {
    "code": "adopted_without_result",
    "message": "an earlier system left this call without a result; it is analysed only when somebody queues it",
    "detail": {},
}
CANONICAL_ID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_HEX = "lower(hex(randomblob({})))"
NEW_ID = {"sqlite": " || '-' || ".join(_HEX.format(size) for size in (4, 2, 2, 2, 6)), "mysql": "uuid()"}
NOW = {"sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'", "mysql": "utc_timestamp(6)"}
LONG_TEXT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
LONG_BLOB = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")


@dataclass
class Plan:
    """Our columns and what is put into each; ``more`` are the columns that are kept beside ours."""

    values: dict[str, Expression]
    more: list[sa.Column[Any]]


def find(bind: sa.Connection) -> dict[str, Old] | None:
    """Return the columns of the table ``analysis`` by their names in small letters, or None when there is none."""
    if not sa.inspect(bind).has_table("analysis"):
        return None
    charsets: dict[str, str | None] = {}
    if bind.dialect.name != "sqlite":
        query = (
            "SELECT column_name, character_set_name FROM information_schema.columns"
            " WHERE table_schema = DATABASE() AND table_name = 'analysis'"
        )
        charsets = {row[0].lower(): row[1] for row in bind.execute(sa.text(query))}
    types = {column["name"].lower(): column["type"] for column in sa.inspect(bind).get_columns("analysis")}
    return {name: Old(name, kind, charsets.get(name), bind.dialect.name) for name, kind in types.items()}


def is_ours(columns: dict[str, Old]) -> bool:
    """Tell whether revision 0001 made the table and only its last steps are missing (MariaDB commits each)."""
    return columns.keys() >= OF_0001


def take_over(bind: sa.Connection, columns: dict[str, Old], create: Callable[..., None]) -> None:
    """Replace the earlier system's table by one of ours with the same rows.

    Raises:
        ConfigurationError: when foreign keys of other tables point to it.
    """
    _refuse_references(bind)
    old = sa.table("analysis", *(column.value for column in columns.values()))
    plan = _plan(bind, old, columns)
    bind.execute(sa.text(f"DROP TABLE IF EXISTS {NEW_TABLE}"))
    create(NEW_TABLE, *plan.more)
    new = sa.table(NEW_TABLE, *(sa.column(name) for name in plan.values))
    select = sa.select(*(value.label(name) for name, value in plan.values.items())).select_from(old)
    with _tolerant(bind):
        bind.execute(sa.insert(new).from_select(list(plan.values), select))
    before, after = _count(bind, old), _count(bind, new)
    if before != after:
        raise ConfigurationError("the table analysis was written to while it was taken over: stop the earlier system")
    if bind.dialect.name == "sqlite":
        bind.execute(sa.text("DROP TABLE analysis"))
        bind.execute(sa.text(f"ALTER TABLE {NEW_TABLE} RENAME TO analysis"))
    else:
        bind.execute(sa.text(f"RENAME TABLE analysis TO {OLD_TABLE}, {NEW_TABLE} TO analysis"))
    log.warning("took over the table analysis of an earlier system: %d rows", after)


def tidy(bind: sa.Connection) -> None:
    """Drop the earlier system's table once ours has its name; personal data must not lie around forgotten."""
    bind.execute(sa.text(f"DROP TABLE IF EXISTS {OLD_TABLE}"))


def _plan(bind: sa.Connection, old: sa.TableClause, columns: dict[str, Old]) -> Plan:
    dialect = "sqlite" if bind.dialect.name == "sqlite" else "mysql"
    now: Expression = sa.literal_column(NOW[dialect])
    missing = {
        "user_id": sa.literal(""),
        "declaration": sa.literal(""),
        "audio_file": sa.literal(""),
        "created_date": now,
    }
    done = has_result(columns["disdata"]) if "disdata" in columns else sa.false()
    plan = Plan({"id": sa.literal_column(NEW_ID[dialect])}, [])
    for name in CONTRACT:
        if name in columns:
            value, unkept = convert(columns[name], now)
            plan.values[name] = value
            if _any(bind, old, unkept):
                _keep(plan, columns[name], f"legacy_{name}")
        elif name in missing:
            plan.values[name] = missing[name]
    plan.values |= {
        "status": sa.case((done, sa.literal("done")), else_=sa.literal("failed")),
        "progress": sa.case((done, sa.literal(100)), else_=sa.literal(0)),
        "attempts": sa.literal(0),
        "warnings": sa.literal(json.dumps([WARNING])),
        "error": sa.case((done, sa.null()), else_=sa.literal(json.dumps(UNFINISHED))),
    }
    _keep_others(bind, old, columns, plan)
    return plan


def _keep_others(bind: sa.Connection, old: sa.TableClause, columns: dict[str, Old], plan: Plan) -> None:
    """Keep what is not in the contract: under its name, or as ``legacy_`` where we need that name ourselves."""
    for name, column in columns.items():
        if name == "id" and _holds_our_ids(bind, old, column):
            plan.values["id"] = column.value
        elif name not in CONTRACT:
            _keep(plan, column, f"legacy_{name}" if name in analysis.c else name)


def _holds_our_ids(bind: sa.Connection, old: sa.TableClause, column: Old) -> bool:
    text = sa.cast(column.value, sa.String)
    total, good, different = bind.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(sa.case((text.regexp_match(CANONICAL_ID), 1))),
            sa.func.count(sa.distinct(text)),
        ).select_from(old)
    ).one()
    return not column.is_number and bool(total == good == different)


def _keep(plan: Plan, column: Old, name: str) -> None:
    kind = column.type
    if column.dialect != "sqlite" and isinstance(kind, sa.String):
        kind = LONG_TEXT  # in our character set a wide column may need more than a row holds
    elif isinstance(kind, sa.types.NullType):
        kind = LONG_BLOB  # SQLite: a column without a type keeps each value as it is
    plan.more.append(sa.Column(name, kind, nullable=True))
    plan.values[name] = column.value


def _count(bind: sa.Connection, table: sa.TableClause) -> int:
    # A locking read sees what others wrote meanwhile; a plain one would see the time when the copy began.
    query = sa.select(sa.func.count()).select_from(table).with_for_update(read=True)
    return int(bind.execute(query).scalar_one())


def _any(bind: sa.Connection, old: sa.TableClause, condition: Expression) -> bool:
    with _tolerant(bind):
        return bind.execute(sa.select(sa.literal(1)).select_from(old).where(condition).limit(1)).first() is not None


@contextmanager
def _tolerant(bind: sa.Connection) -> Iterator[None]:
    """Read what an earlier system wrote without rules: MariaDB's strict mode refuses zero dates and odd bytes.

    Nothing is lost by that: what does not fit was found before, and is kept beside.
    """
    if bind.dialect.name == "sqlite":
        yield
        return
    mode, zone = bind.execute(sa.text("SELECT @@SESSION.sql_mode, @@SESSION.time_zone")).one()
    bind.execute(sa.text("SET SESSION sql_mode = '', time_zone = '+00:00'"))
    try:
        yield
    finally:
        bind.execute(sa.text("SET SESSION sql_mode = :mode, time_zone = :zone"), {"mode": mode, "zone": zone})


def _refuse_references(bind: sa.Connection) -> None:
    inspector = sa.inspect(bind)
    for table in inspector.get_table_names():
        if any(key["referred_table"] == "analysis" for key in inspector.get_foreign_keys(table)):
            raise ConfigurationError(
                f"foreign keys of the table {table} point to analysis: drop them before the upgrade"
            )

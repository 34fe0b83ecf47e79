"""A MariaDB database that is used again: are its tables still as they were, and away with the rows."""

from __future__ import annotations

from sqlalchemy import text

from db.engine import make_engine
from db.tables import metadata

Shape = frozenset[tuple[str, ...]]
LOOKS = (
    "SELECT table_name, column_name, column_type, is_nullable, COALESCE(column_default, ''), "
    "COALESCE(collation_name, '') FROM information_schema.columns WHERE table_schema = DATABASE()",
    "SELECT table_name, index_name, column_name, CAST(seq_in_index AS CHAR), CAST(non_unique AS CHAR) "
    "FROM information_schema.statistics WHERE table_schema = DATABASE()",
)


def shape(url: str) -> Shape:
    """Return every column and index there is."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return frozenset(tuple(map(str, row)) for look in LOOKS for row in connection.execute(text(look)))
    finally:
        engine.dispose()


def erase_rows(url: str) -> None:
    """Leave every table of ours empty; what the migrations say of themselves stays."""
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
    finally:
        engine.dispose()

"""A MariaDB database that is used again: are its tables still as they were, and away with the rows."""

from __future__ import annotations

from sqlalchemy import text

from db.tables import metadata
from tests.integration.db.connecting import connected

Shape = frozenset[tuple[str, ...]]
LOOKS = (
    "SELECT table_name, column_name, column_type, is_nullable, COALESCE(column_default, ''), "
    "COALESCE(collation_name, '') FROM information_schema.columns WHERE table_schema = DATABASE()",
    "SELECT table_name, index_name, column_name, CAST(seq_in_index AS CHAR), CAST(non_unique AS CHAR) "
    "FROM information_schema.statistics WHERE table_schema = DATABASE()",
)


def shape(url: str) -> Shape:
    """Return every column and index there is."""
    with connected(url) as connection:
        return frozenset(tuple(map(str, row)) for look in LOOKS for row in connection.execute(text(look)))


def erase_rows(url: str) -> None:
    """Leave every table of ours empty; what the migrations say of themselves stays."""
    with connected(url) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())

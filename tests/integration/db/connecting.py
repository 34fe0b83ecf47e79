"""One transaction with a database, past our store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from db.engine import make_engine


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Lend a connection; commit at the end and leave nothing open."""
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()

"""Tables of an earlier system, made by hand."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import inspect, text

from db.store import AnalysisStore
from tests.integration.db.connecting import connected

KOREAN = "안전계좌로 이체하셔야 합니다"
AUTO = {True: "INTEGER PRIMARY KEY AUTOINCREMENT", False: "INT AUTO_INCREMENT PRIMARY KEY"}


class OldDatabase:
    """Runs statements in a database; ``AUTO`` in them is what it calls a counted integer key."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")

    def __call__(self, *statements: str, **values: Any) -> list[Any]:
        """Run statements as a client without rules in Seoul would; return the rows of the last."""
        found: list[Any] = []
        with connected(self.url) as connection:
            if not self.is_sqlite:
                connection.execute(text("SET SESSION sql_mode = '', time_zone = '+09:00'"))
            for statement in statements:
                whole = statement.replace("AUTO", AUTO[self.is_sqlite], 1)
                if self.is_sqlite:
                    whole = re.sub(r"\) CHARSET \w+$", ")", whole)
                answer = connection.execute(text(whole), values)
                found = list(answer.all()) if answer.returns_rows else []
        return found

    def migrate(self) -> None:
        store = AnalysisStore(self.url)
        store.migrate()
        store.close()

    def dump(self) -> tuple[list[Any], set[str]]:
        """Return every row, the version, and the names of all tables."""
        rows = self("SELECT * FROM analysis ORDER BY id") + self("SELECT * FROM alembic_version")
        with connected(self.url) as connection:
            return rows, set(inspect(connection).get_table_names())

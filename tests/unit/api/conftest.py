"""The application with real records: what it looks back on lies in a SQLite file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from app import create_app
from core.settings import Settings
from db.record_store import RecordStore
from db.store import AnalysisStore
from db.tables import analysis
from service.records import Records
from tests.conftest import World

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CALL = {"user_id": "user-1", "declaration": "01012345678", "audio_file": "a.m4a", "created_date": NOW}
STATE = {"status": "done", "progress": 100, "attempts": 1}


@dataclass
class Archive:
    """Handles on the application and on what it looks back on."""

    client: FlaskClient
    store: AnalysisStore
    records: Records

    def add(self, number: int = 0, **columns: Any) -> str:
        """Store a finished call and return its id; calls of one time are ordered by number."""
        row = {**CALL, **STATE, "id": f"3f0c8f5e-8a43-4b44-9d0e-0a8f6f6f{number:04d}", **columns}
        self.store.write(lambda connection: connection.execute(insert(analysis).values(row)))
        return str(row["id"])


@pytest.fixture
def archive(world: World) -> Iterator[Archive]:
    store = AnalysisStore(f"sqlite:///{world.root / 'archive.sqlite3'}", retry_for_s=0.0)
    store.migrate()
    records = Records(store=RecordStore(store))
    services = replace(world.services(max_waiting=1), records=records)
    yield Archive(create_app(Settings(), services).test_client(), store, records)
    store.close()

"""Stored calls to look back on."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert

from db.record_store import RecordStore
from db.store import AnalysisStore
from db.tables import analysis
from tests.integration.db.examples import NOW

CALL = {"user_id": "u", "declaration": "112", "audio_file": "a.m4a", "status": "done", "progress": 100, "attempts": 1}


@pytest.fixture
def records(store: AnalysisStore) -> RecordStore:
    return RecordStore(store)


def stored(store: AnalysisStore, *rows: dict[str, Any]) -> None:
    """Insert finished calls; each row says what is not as in CALL."""
    store.write(
        lambda connection: [
            connection.execute(insert(analysis).values({**CALL, "created_date": NOW, **row})) for row in rows
        ]
    )

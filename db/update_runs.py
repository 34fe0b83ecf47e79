"""Named queries on ``model_update``; each takes the connection of a transaction, and every write is safe to repeat."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from core.evidence import UpdateRun
from db.database import Database
from db.serialise import to_json
from db.tables import model_update

m = model_update.c
QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"


def add(connection: Connection, run: UpdateRun) -> None:
    """Insert a run unless it is there."""
    if get(connection, run.id) is None:
        connection.execute(
            insert(model_update).values(
                id=run.id,
                kind=run.kind,
                status=run.status,
                options=to_json(run.options),
                created_date=run.created_date,
            )
        )


def get(connection: Connection, id: str) -> UpdateRun | None:
    """Return the run of that id, or None."""
    row = connection.execute(select(model_update).where(m.id == id)).one_or_none()
    if row is None:
        return None
    return UpdateRun(
        id=row.id,
        kind=row.kind,
        status=row.status,
        options=json.loads(row.options),
        created_date=row.created_date,
        started_date=row.started_date,
        finished_date=row.finished_date,
        exit_code=row.exit_code,
        version=row.version,
        summary=row.summary,
        report=json.loads(row.report) if row.report else {},
    )


class UpdateRuns:
    """One transaction a method; raises ``Unavailable`` like ``Database``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, run: UpdateRun) -> None:
        """Write a run down; one that is there already is left as it is."""
        self._database.write(lambda connection: add(connection, run))

    def begin(self, id: str, *, now: datetime) -> None:
        """Note that a run has begun."""
        changes = {"status": RUNNING, "started_date": now}
        self._database.write(lambda connection: connection.execute(_of(id).values(**changes)))

    def end(
        self,
        id: str,
        *,
        failed: bool,
        code: int,
        summary: str,
        version: str | None,
        report: Mapping[str, Any],
        now: datetime,
    ) -> None:
        """Note how a run ended."""
        changes = {
            "status": FAILED if failed else DONE,
            "finished_date": now,
            "exit_code": code,
            "summary": summary,
            "version": version,
            "report": to_json(report),
        }
        self._database.write(lambda connection: connection.execute(_of(id).values(**changes)))

    def get(self, id: str) -> UpdateRun | None:
        """Return the run of that id, or None."""
        return self._database.read(lambda connection: get(connection, id))


def _of(id: str) -> Any:
    return update(model_update).where(m.id == id)

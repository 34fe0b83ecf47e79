"""Waiting for calls to end: for as long as they advance, and with what is known of each when they do not."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from sqlalchemy import Engine, text

from db.engine import make_engine

COLUMNS = "id, status, attempts, progress, created_date, dispatched_at, lease_until, finished_date, error"
HEARD = "SELECT analysis_id, COUNT(*) FROM analysis_chunk WHERE start_sample >= 0 GROUP BY analysis_id"


@dataclass(frozen=True, slots=True)
class Row:
    """What may be told of a call: no number, no user, no text."""

    id: str
    status: str
    attempts: int
    progress: int
    heard: int
    times: tuple[str, ...]
    error: str

    def __str__(self) -> str:
        created, dispatched, lease, finished = self.times
        return (
            f"{self.id} {self.status} attempts={self.attempts} progress={self.progress} heard={self.heard} "
            f"created={created} dispatched={dispatched} lease={lease} finished={finished} {self.error}"
        )


def rows(engine: Engine) -> list[Row]:
    """Return every call, oldest first."""
    with engine.connect() as connection:
        heard = {id: int(number) for id, number in connection.execute(text(HEARD))}
        found = connection.execute(text(f"SELECT {COLUMNS} FROM analysis ORDER BY created_date, id")).all()
    return [
        Row(
            row.id[:8],
            row.status,
            row.attempts,
            row.progress,
            heard.get(row.id, 0),
            tuple(str(time)[11:23] or "-" for time in row[4:8]),
            _reason(row.error),
        )
        for row in found
    ]


def wait_until_done(url: str, calls: int, *, still_s: float) -> None:
    """Wait until so many calls are done: at any speed, as long as one is heard further at least every ``still_s``.

    Fails at once when a call has failed. Being started again is no advance.
    """
    engine = make_engine(url)
    best, since = (0, 0), time.monotonic()
    try:
        while True:
            found = rows(engine)
            done = sum(row.status == "done" for row in found)
            if done == len(found) == calls:
                return
            reached = (done, sum(row.heard + row.progress for row in found if row.status != "done"))
            if reached > best:
                best, since = reached, time.monotonic()
            ended = [row for row in found if row.status in ("failed", "cancelled")]
            still = time.monotonic() - since > still_s
            told = "\n".join(map(str, found))
            assert not ended, f"calls failed that were accepted:\n{told}"
            assert not still, f"no call advanced for {still_s} s, {done} of {calls} are done:\n{told}"
            time.sleep(0.2)
    finally:
        engine.dispose()


def wait_until_busy(url: str, workers: int, *, within_s: float) -> None:
    """Wait until so many calls are being heard at once."""
    engine = make_engine(url)
    deadline = time.monotonic() + within_s
    try:
        while True:
            found = rows(engine)
            if sum(row.status == "running" for row in found) >= workers:
                return
            assert time.monotonic() < deadline, f"{workers} workers are not busy:\n" + "\n".join(map(str, found))
            time.sleep(0.1)
    finally:
        engine.dispose()


def _reason(error: str | None) -> str:
    known = json.loads(error) if error else {}
    return " ".join(filter(None, (known.get("code"), str(known.get("detail", {}).get("reason", "")))))

"""The embedded default, one server and SQLite: killed at any point, it finishes what it accepted."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import numpy as np
import soundfile
from sqlalchemy import text

from core.types import Status
from db.engine import make_engine
from db.store import AnalysisStore
from scripts.serving import environment, free_port
from tests.e2e.processes import SERVER, Process
from tests.integration.db.server import until

CALLS = 5


def test_a_killed_server_goes_on_where_it_was(tmp_path: Path) -> None:
    port = free_port()
    env = environment(tmp_path, audio_root=tmp_path) | {
        "MOKSORI_PORT": str(port),
        "MOKSORI_STT_ENGINE": "null",
        "MOKSORI_STT_MODEL": "0.2",
        "MOKSORI_CHUNK_S": "2",
        "MOKSORI_MAX_ATTEMPTS": "10",  # on a busy machine one call may be hit every time
    }
    url = env["MOKSORI_DATABASE_URL"]
    soundfile.write(tmp_path / "call.wav", np.random.default_rng(0).standard_normal(16 * 16_000) * 0.05, 16_000)
    server = Process(SERVER, env, tmp_path / "server.log")
    server.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30.0) as client:
            until(lambda: answers(client), within_s=30.0, what="the server answers")
            body = {"file_path": "call.wav", "user_id": "u", "declaration": "112"}
            for _ in range(CALLS):
                client.post("/api/v1/analyses", json=body, headers={"Prefer": "respond-async"}).raise_for_status()
        store = AnalysisStore(url)
        for _ in range(3):
            time.sleep(2.0)
            server.kill()
            server.start()
        until(lambda: store.queue_state().by_status[Status.DONE] == CALLS, within_s=90.0, what="all calls are done")
        store.close()
    finally:
        server.kill()
    engine = make_engine(url)
    with engine.connect() as connection:
        attempts = connection.execute(text("SELECT SUM(attempts) FROM analysis")).scalar_one()
        left = connection.execute(text("SELECT COUNT(*) FROM analysis_chunk")).scalar()
    engine.dispose()
    assert attempts > CALLS  # at least one was interrupted
    assert left == 0
    assert [path for path in (tmp_path / "data").rglob("*") if path.is_file()] == []


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").is_success
    except httpx.TransportError:
        return False

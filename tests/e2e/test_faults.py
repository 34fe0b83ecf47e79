"""Nothing that was accepted is lost or done twice, whatever dies."""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from sqlalchemy import text

from core.settings import Settings
from db.engine import make_engine
from db.job_store import JobStore
from db.store import AnalysisStore
from scripts.serving import free_port
from service.housekeeping import SAFE_AGE_S, Housekeeping
from service.reports import Courier
from tests.e2e.processes import BEAT, SERVER, WORKER, PrivateRedis, PrivateServer, Process
from tests.e2e.progress import wait_until_busy, wait_until_done
from tests.integration.conftest import unavailable
from tests.integration.db.server import missing_binaries, until
from wiring.work import build_callbacks, build_places

CALLS, KILLS = 30, 10
REDIS, MARIADB, AT_WORK = 3, 6, 8
"""The kills with which the broker and the database end too, and the one that waits until both workers are busy."""
STILL_S = 60.0
"""Longer than any start, reconnection or lease takes on a slow machine."""
SEED = 20260301


class Installation:
    """Server, two workers, beat, Redis and MariaDB, all of one's own."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(audio_root=folder / "audio", data_dir=folder / "data")
        self.audio_root, self.data_dir = self.settings.audio_root, self.settings.data_dir
        self.audio_root.mkdir()
        for name in ("redis", "mariadb"):
            (folder / name).mkdir()
        self.redis, self.database = PrivateRedis(folder / "redis"), PrivateServer(folder / "mariadb")
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/api/v1/analyses"
        env = {
            "MOKSORI_PORT": str(port),
            "MOKSORI_AUDIO_ROOT": str(self.audio_root),
            "MOKSORI_DATA_DIR": str(self.data_dir),
            "MOKSORI_DATABASE_URL": self.database.url,
            "MOKSORI_QUEUE_URL": self.redis.url,
            "MOKSORI_STT_ENGINE": "null",
            "MOKSORI_STT_MODEL": "0.12",
            "MOKSORI_CHUNK_S": "2",
            "MOKSORI_LEASE_S": "3",
            "MOKSORI_MAX_ATTEMPTS": "30",
        }
        roles = {"server": SERVER, "worker-1": WORKER, "worker-2": WORKER, "beat": BEAT}
        self.roles = {name: Process(role, env, folder / f"{name}.log") for name, role in roles.items()}

    def start(self) -> None:
        self.redis.start()
        self.database.install()
        self.database.start()
        self.roles["server"].start()
        until(self._answers, within_s=60.0, what="the server answers")
        for role in self.roles.values():
            if role is not self.roles["server"]:
                role.start()

    def stop(self) -> None:
        for role in self.roles.values():
            role.kill()
        self.redis.kill()
        self.database.stop()

    def post(self, number: int, name: str) -> str:
        """Post until the call is accepted, as a gateway does: the key keeps it one call."""
        headers = {"Prefer": "respond-async", "Idempotency-Key": f"call-{number}"}
        while True:
            try:
                if number % 2:
                    body = {"file_path": name, "user_id": "fault", "declaration": "112"}
                    answer = httpx.post(self.url, json=body, headers=headers, timeout=30.0, trust_env=False)
                else:
                    with (self.audio_root / name).open("rb") as file:
                        data = {"user_id": "fault", "declaration": "112"}
                        answer = httpx.post(
                            self.url, data=data, files={"file": file}, headers=headers, timeout=30.0, trust_env=False
                        )
                if answer.status_code in (200, 202):
                    return str(answer.json()["id"])
                assert answer.status_code == 503, answer.text
            except httpx.TransportError:
                pass
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            return httpx.get(self.url.replace("/api/v1/analyses", "/healthz"), trust_env=False).is_success
        except httpx.TransportError:
            return False


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    if missing_binaries() or shutil.which("redis-server") is None:
        unavailable("mariadbd, mariadb-install-db and redis-server are not all installed")
    installation = Installation(tmp_path)
    try:
        installation.start()
        yield installation
    finally:
        installation.stop()


@pytest.mark.timeout(900)
def test_thirty_calls_survive_ten_kills_and_both_restarts(installation: Installation) -> None:
    rng = np.random.default_rng(SEED)
    soundfile.write(installation.audio_root / "call.wav", rng.standard_normal(20 * 16_000) * 0.05, 16_000)
    ids: list[str] = []
    gateway = threading.Thread(
        target=lambda: ids.extend(installation.post(number, "call.wav") for number in range(CALLS)), daemon=True
    )
    gateway.start()

    dice = random.Random(SEED)
    for number in range(KILLS):
        time.sleep(dice.uniform(0.8, 2.5))
        victim = installation.roles[dice.choice(["server", "worker-1", "worker-2"])]
        if number == AT_WORK:
            victim = installation.roles["worker-1"]
            wait_until_busy(installation.database.url, 2, within_s=STILL_S)
        victim.kill()
        if number == REDIS:
            installation.redis.kill()
            installation.redis.start()
        if number == MARIADB:
            installation.database.stop()
            time.sleep(1.0)
            installation.database.start()
        victim.start()

    gateway.join(timeout=240.0)
    assert len(set(ids)) == CALLS
    wait_until_done(installation.database.url, CALLS, still_s=STILL_S)
    store = AnalysisStore(installation.database.url)
    try:
        rows = [store.get(id) for id in ids]
        assert all(row is not None and row.duration_s == pytest.approx(20.0) for row in rows)
        until(lambda: not any(installation.settings.work_dir.iterdir()), within_s=20.0, what="no work folder is left")
        a_day_later(installation.settings, store)
    finally:
        store.close()
    assert left_behind(installation.data_dir) == []
    assert attempts(installation.database.url) > CALLS  # some of the killed were at work


def test_a_row_the_gateway_inserts_is_run_and_a_stopped_worker_gives_its_call_back(installation: Installation) -> None:
    installation.roles["worker-2"].stop()
    soundfile.write(installation.audio_root / "long.wav", np.ones(120 * 16_000) * 0.05, 16_000)
    engine = make_engine(installation.database.url)
    try:
        with engine.begin() as connection:
            columns = "(user_id, declaration, audio_file, status)"
            connection.execute(
                text(f"INSERT INTO analysis {columns} VALUES ('g', '010-1234-5678', 'long.wav', 'queued')")
            )

        def row() -> Any:
            with engine.connect() as connection:
                columns = "status, attempts, declaration, (SELECT COUNT(*) FROM analysis_chunk) AS heard"
                return connection.execute(text(f"SELECT {columns} FROM analysis")).one()

        until(lambda: row().heard > 2, within_s=60.0, what="a worker hears the first chunks")
        installation.roles["worker-1"].stop()
        given_back = row()
        assert (given_back.status, given_back.attempts) == ("queued", 0)
        assert 2 < given_back.heard < 60

        installation.roles["worker-2"].start()
        until(lambda: row().status == "done", within_s=60.0, what="the other worker ends it")
        assert (row().attempts, row().declaration) == (1, "01012345678")
    finally:
        engine.dispose()


def attempts(url: str) -> int:
    engine = make_engine(url)
    with engine.connect() as connection:
        total = int(connection.execute(text("SELECT SUM(attempts) FROM analysis")).scalar_one())
    engine.dispose()
    return total


def a_day_later(settings: Settings, store: AnalysisStore) -> None:
    """Let housekeeping take the uploads of those killed between a file and its row; each kill leaves one at most."""
    left = list(settings.upload_dir.iterdir())
    assert len(left) <= KILLS + 1  # and one for the database that stopped
    left.append(build_places(settings).new_upload(str(uuid.uuid4())))  # so that there is one in every run
    left[-1].write_bytes(b"of a request that broke off")
    for path in left:
        os.utime(path, (0.0, time.time() - SAFE_AGE_S - 60.0))
    courier = Courier(JobStore(store, lease_s=3.0, courier_s=60.0), build_callbacks(settings))
    Housekeeping(courier=courier, store=store, places=build_places(settings)).sweep_uploads()


def left_behind(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() or path.parent.name == "work"]

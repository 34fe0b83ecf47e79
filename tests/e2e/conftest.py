"""One real server for all end-to-end tests: gunicorn, SQLite, Whisper, the shipped models."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import create_engine, text

from core.settings import ROOT
from scripts.receiver import Receiver, running_receiver
from scripts.serving import environment, free_port, running_server

MAX_DURATION_S = 600


@dataclass
class Server:
    client: httpx.Client
    pid: int
    ready_s: float
    receiver: Receiver
    audio_root: Path
    data_dir: Path
    database_url: str
    late_port: int
    """Allowed for callbacks; nobody listens there at first."""
    redirect_port: int

    def post(self, file_path: str, **more: str) -> httpx.Response:
        body = {"file_path": file_path, "user_id": "e2e", "declaration": "010-1234-5678", **more}
        return self.client.post("/api/v1/analyses", json=body)

    def row_count(self) -> int:
        engine = create_engine(self.database_url)
        try:
            with engine.connect() as connection:
                return int(connection.execute(text("SELECT COUNT(*) FROM analysis")).scalar_one())
        finally:
            engine.dispose()

    def memory_bytes(self) -> int:
        """Resident memory of the server's worker processes."""
        return sum(child.memory_info().rss for child in psutil.Process(self.pid).children(recursive=True))

    def left_behind(self) -> list[Path]:
        return [path for path in self.data_dir.rglob("*") if path.is_file()]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("e2e")
    audio_root, data_dir = folder / "audio", folder / "data"
    shutil.copytree(ROOT / "samples", audio_root)
    late_port, redirect_port = free_port(), free_port()
    with running_receiver("secret") as receiver:
        env = environment(folder, audio_root=audio_root) | {
            "MOKSORI_CALLBACK_HOSTS": f"{receiver.host},127.0.0.1:9,127.0.0.1:{late_port},127.0.0.1:{redirect_port}",
            "MOKSORI_CALLBACK_SECRET": "secret",
            "MOKSORI_MAX_DURATION_S": str(MAX_DURATION_S),
            "MOKSORI_MAX_UPLOAD_MB": "30",
        }
        with running_server(env, log_file=folder / "server.log") as running:
            yield Server(
                running.client,
                running.pid,
                running.ready_s,
                receiver,
                audio_root,
                data_dir,
                env["MOKSORI_DATABASE_URL"],
                late_port,
                redirect_port,
            )
    log = (folder / "server.log").read_text("utf-8")
    assert "01012345678" not in log
    assert not any("가" <= letter <= "힣" for letter in log)

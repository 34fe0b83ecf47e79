"""A database, a store and recordings of one's own, and ``scripts.model_update`` in a process of its own."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from core.settings import ROOT
from db.store import AnalysisStore
from models.registry import ModelVersion, list_versions, open_version
from service.update_lock import is_running


class UpdateSite:
    """Updates one kind of model."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder, self.kind = folder, kind
        self.store = folder / "store"
        self.url = f"sqlite:///{folder / 'calls.sqlite3'}"

    @property
    def active(self) -> str:
        return open_version(self.store, self.kind).name

    def migrated(self) -> AnalysisStore:
        database = AnalysisStore(self.url)
        database.migrate()
        return database

    def start(self, *arguments: str, voices: Path | None = None) -> subprocess.Popen[str]:
        env = {"MOKSORI_DATABASE_URL": self.url, "MOKSORI_MODEL_STORE": str(self.store)}
        env |= {"MOKSORI_DATA_DIR": str(self.folder / "var"), "OMP_NUM_THREADS": "1", "MOKSORI_UPDATE_MIN_NEW": "20"}
        env |= {"MOKSORI_AUDIO_ROOT": str(self.folder / "root")}
        env |= {} if voices is None else {"MOKSORI_UPDATE_VOICES": str(voices)}
        kind = () if self.kind == "text" else ("--kind", self.kind)
        command = [sys.executable, "-m", "scripts.model_update", *kind, *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env}, stdout=pipe, stderr=pipe, text=True)

    def run(self, *arguments: str, voices: Path | None = None) -> tuple[int, str]:
        process = self.start(*arguments, voices=voices)
        out, log = process.communicate(timeout=280)
        assert "Traceback" not in log, log
        return process.returncode, out

    def kill(
        self, times: int, load: Callable[[ModelVersion], object], *, whole_s: float, voices: Path | None = None
    ) -> None:
        """Begin updates and kill each at any moment; afterwards the store is whole and free, whatever was reached."""
        dice = random.Random(6)
        for _ in range(times):
            before = self.active
            process = self.start("--min-new", "0", voices=voices)
            time.sleep(dice.uniform(0.2, 1.1) * whole_s)
            process.kill()
            process.communicate()

            assert not is_running(self.store)
            listed = list_versions(self.store, self.kind)
            for version in listed:
                assert version.status != "damaged"
                load(open_version(self.store, self.kind, version.name))
            assert self.active in {before, listed[0].name}

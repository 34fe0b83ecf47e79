"""``--kind voice`` on a real database, kept recordings and a real voice model."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sqlalchemy import insert, select

from core.settings import ROOT
from core.types import Label
from db.labels import add_label
from db.store import AnalysisStore
from db.tables import analysis, model_update
from models.registry import activate, list_versions, open_version
from models.voice.loading import load_voice_model
from service.update_lock import is_running
from tests.unit.voice.speech import speech_like

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SECONDS, CALLS = 7.0, 48
CHAMPION = "20261121T123114Z-9c14165e"
"""Trees alone: quick to hear with, and what it says of made-up voices does not change with the next training."""


def voice(number: int, *, altered: bool) -> np.ndarray:
    """Return speech, or the same through a ring modulator."""
    sound = speech_like(SECONDS, number)
    if altered:
        sound = sound * np.sin(2 * np.pi * 90.0 * np.arange(len(sound)) / 16_000).astype(np.float32)
    return sound.astype(np.float32)


@dataclass
class Site:
    """A database, kept recordings, a store and a folder of voices to judge by, and the command."""

    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'calls.sqlite3'}"

    def fill(self, calls: int = CALLS, *, kept: bool = True) -> None:
        database = AnalysisStore(self.url)
        database.migrate()
        wavs = self.folder / ("var/wav" if kept else "root")
        wavs.mkdir(parents=True)
        for number in range(calls):
            id, label = f"call-{number}", number % 2
            soundfile.write(wavs / f"{id}.wav", voice(number, altered=bool(label)), 16_000)
            row = {"id": id, "user_id": "u", "declaration": "0212345678", "audio_file": f"{id}.wav", "status": "done"}
            row |= {"progress": 100, "attempts": 1, "created_date": NOW, "duration_s": SECONDS, "content": b"."}
            verdict = Label(f"l-{number}", id, 1, None, None, NOW + timedelta(hours=1), label)
            database.write(lambda connection, row=row: connection.execute(insert(analysis).values(**row)))
            database.write(lambda connection, verdict=verdict: add_label(connection, verdict))
        database.close()

    def voices(self, each: int = 20) -> Path:
        for label, name in enumerate(("genuine", "altered")):
            (self.folder / "voices" / name).mkdir(parents=True)
            for number in range(each):
                path = self.folder / "voices" / name / f"{number}.wav"
                soundfile.write(path, voice(1000 + 2 * number + label, altered=bool(label)), 16_000)
        return self.folder / "voices"

    def start(self, *arguments: str, voices: Path | None = None) -> subprocess.Popen[str]:
        env = {"MOKSORI_DATABASE_URL": self.url, "MOKSORI_MODEL_STORE": str(self.store)}
        env |= {"MOKSORI_DATA_DIR": str(self.folder / "var"), "OMP_NUM_THREADS": "1", "MOKSORI_UPDATE_MIN_NEW": "20"}
        env |= {"MOKSORI_AUDIO_ROOT": str(self.folder / "root")}
        env |= {} if voices is None else {"MOKSORI_UPDATE_VOICES": str(voices)}
        command = [sys.executable, "-m", "scripts.model_update", "--kind", "voice", *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env}, stdout=pipe, stderr=pipe, text=True)

    def run(self, *arguments: str, voices: Path | None = None) -> tuple[int, str]:
        process = self.start(*arguments, voices=voices)
        out, log = process.communicate(timeout=280)
        assert "Traceback" not in log, log
        return process.returncode, out

    @property
    def active(self) -> str:
        return open_version(self.store, "voice").name


@pytest.fixture
def site(tmp_path: Path) -> Site:
    shutil.copytree(ROOT / "models" / "store" / "voice", tmp_path / "store" / "voice")
    activate(tmp_path / "store", "voice", CHAMPION)
    return Site(tmp_path)


@pytest.mark.timeout(600)
def test_judged_voices_make_a_version_that_is_promoted_only_with_voices_to_judge_by(site: Site) -> None:
    site.fill()
    before = site.active
    code, line = site.run("--dry-run", "--json")
    assert (code, site.active) == (3, before)
    assert "no frozen voices to judge by" in line
    report = json.loads(line.partition("\n")[2])
    assert report["data"]["rows"] == {"rows": CALLS, "unreadable": 0, "no_speech": 0, "new": CALLS}

    code, line = site.run(voices=site.voices())
    assert code == 0, line
    version = open_version(site.store, "voice")
    assert version.manifest["update"]["parent"] == before
    assert {path.name for path in version.folder.iterdir()} >= {"report.html", "thresholds.csv", "ensemble.json"}
    own = version.manifest["metrics"]["by_source"]["own voices"]
    assert own["difference"]["mean"] >= 0.0
    old, new = (load_voice_model(open_version(site.store, "voice", name)) for name in (before, version.name))
    unheard = [voice(2000 + number, altered=bool(number % 2)) for number in range(20)]
    gaps = [
        np.mean(scores[1::2]) - np.mean(scores[::2])
        for model in (old, new)
        for scores in [[model.score_call(model.score_windows(sound)) for sound in unheard]]
    ]
    assert gaps[1] > gaps[0] + 0.05

    assert site.run()[0] == 4
    database = AnalysisStore(site.url)
    runs = database.read(lambda c: c.execute(select(model_update.c.kind, model_update.c.exit_code)).all())
    assert sorted(map(tuple, runs)) == [("voice", 0), ("voice", 3), ("voice", 4)]
    database.close()


def test_the_gateways_own_files_serve_too_and_files_that_are_gone_are_counted(site: Site) -> None:
    site.fill(40, kept=False)
    for number in range(4):
        (site.folder / "root" / f"call-{number}.wav").unlink()
    code, line = site.run("--dry-run", "--json")
    assert code == 3
    assert json.loads(line.partition("\n")[2])["data"]["rows"]["unreadable"] == 4


def test_without_recordings_or_with_senseless_arguments_there_is_no_version(site: Site) -> None:
    site.fill(2)
    assert site.run()[0] == 4
    assert site.run("--plain")[0] == 2
    assert site.run("--data", str(site.folder))[0] == 2
    assert site.run(voices=site.folder)[0] == 1
    (site.store / "voice" / "active").unlink()
    assert site.run()[0] == 6
    assert len(list_versions(site.store, "voice")) == len(list_versions(ROOT / "models" / "store", "voice"))


@pytest.mark.timeout(900)
def test_killed_at_any_moment_it_leaves_a_valid_store_no_lock_and_no_sound(site: Site) -> None:
    site.fill(36)
    voices = site.voices(15)
    started = time.monotonic()
    assert site.run("--dry-run", voices=voices)[0] in {0, 3}
    whole_s = time.monotonic() - started
    dice = random.Random(6)
    for _ in range(4):
        before = site.active
        process = site.start("--min-new", "0", voices=voices)
        time.sleep(dice.uniform(0.3, 1.1) * whole_s)
        process.kill()
        process.communicate()
        assert not is_running(site.store)
        listed = list_versions(site.store, "voice")
        for version in listed:
            assert version.status != "damaged"
            load_voice_model(open_version(site.store, "voice", version.name))
        assert site.active in {before, listed[0].name}
    assert not any(path.is_file() for path in (site.folder / "var" / "work").rglob("*"))

"""``--kind voice`` on a real database, kept recordings and a real voice model."""

from __future__ import annotations

import json
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sqlalchemy import select

from core.settings import ROOT
from core.types import Label
from db.labels import add_label
from db.store import AnalysisStore
from db.tables import model_update
from models.registry import activate, list_versions, open_version
from models.voice.loading import load_voice_model
from tests.integration.db.conftest import stored
from tests.integration.update_site import UpdateSite
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


class Site(UpdateSite):
    """Kept recordings, the shipped voice model and a folder of voices to judge by."""

    def fill(self, calls: int = CALLS, *, kept: bool = True) -> None:
        database = self.migrated()
        wavs = self.folder / ("var/wav" if kept else "root")
        wavs.mkdir(parents=True)
        for number in range(calls):
            id, label = f"call-{number}", number % 2
            soundfile.write(wavs / f"{id}.wav", voice(number, altered=bool(label)), 16_000)
            row = {"id": id, "audio_file": f"{id}.wav", "created_date": NOW, "duration_s": SECONDS, "content": b"."}
            stored(database, row)
            verdict = Label(f"l-{number}", id, 1, None, None, NOW + timedelta(hours=1), label)
            database.write(lambda connection, verdict=verdict: add_label(connection, verdict))
        database.close()

    def voices(self, each: int = 20) -> Path:
        for label, name in enumerate(("genuine", "altered")):
            (self.folder / "voices" / name).mkdir(parents=True)
            for number in range(each):
                path = self.folder / "voices" / name / f"{number}.wav"
                soundfile.write(path, voice(1000 + 2 * number + label, altered=bool(label)), 16_000)
        return self.folder / "voices"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    shutil.copytree(ROOT / "models" / "store" / "voice", tmp_path / "store" / "voice")
    activate(tmp_path / "store", "voice", CHAMPION)
    return Site(tmp_path, "voice")


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
    site.kill(4, load_voice_model, whole_s=whole_s, voices=voices)
    assert not any(path.is_file() for path in (site.folder / "var" / "work").rglob("*"))

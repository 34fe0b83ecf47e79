"""Models change while calls are analysed: every stored result names one version, and is what that version says."""

from __future__ import annotations

import json
import shutil
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from core.settings import ROOT, Settings
from core.types import Analysis, NewAnalysis, Segment, Status
from db.store import AnalysisStore
from models.registry import ModelVersion, activate, choose_method, open_version, publish
from models.text import linear
from models.text.calibration import Calibration
from models.text.loading import load_text_model
from models.text.ngrams import ngrams, packed
from models.text.normalise import normalise
from models.voice.loading import CALIBRATION, load_voice_model
from pipeline.decode import decode_blocks
from pipeline.stt.null import NullStt
from service.lending import Lender
from service.results import Results
from tests.audio import write
from tests.unit.voice.speech import speech_like
from wiring import build_callbacks, build_line, build_models, build_places, build_work

SHIPPED = ROOT / "models" / "store"
SAID = "고객님 지금 바로 안전계좌로 돈을 옮기셔야 하니까 전화를 끊지 마시고 제 말씀을 끝까지 들으세요"
CALLS, RUNNERS = 60, 3
THRESHOLDS = {"max_f1": {"caution": 0.2, "danger": 0.6}, "eer": {"caution": 0.3, "danger": 0.9}}
FACTS = {"thresholds": THRESHOLDS, "threshold_method": "max_f1", "metrics": {}, "data": {}}


@dataclass
class House:
    """A store with two versions of each model, and processes that analyse calls with them."""

    settings: Settings
    text: list[str]
    voice: list[str]

    def analyse(self, store: AnalysisStore, stop: threading.Event) -> None:
        """Run what waits, with models of its own, as a server or worker process does."""
        models = replace(build_models(self.settings), stt=Lender("stt", lambda: NullStt((Segment(0.0, 8.0, SAID),))))
        work = build_work(
            self.settings,
            store=store,
            line=build_line(self.settings, models),
            callbacks=build_callbacks(self.settings),
            places=build_places(self.settings),
            results=Results(),
        )
        while not stop.is_set() and (claim := work.jobs.claim_next()) is not None:
            work.executor.run(claim)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    store, audio = tmp_path / "store", tmp_path / "audio"
    audio.mkdir()
    write(audio / "call.wav", speech_like(8.0)[None])
    text = [publish(store, "text", _text_writer(weight), manifest={"type": linear.TYPE, **FACTS}) for weight in (1, -1)]
    voice = [_publish_voice(store, offset) for offset in (0.0, 0.5)]
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'calls.sqlite3'}",
        model_store=store,
        audio_root=audio,
        data_dir=tmp_path / "data",
    )
    yield House(settings, [version.name for version in text], [version.name for version in voice])


def test_every_result_is_of_one_version_whatever_is_promoted_meanwhile(house: House) -> None:
    registry, ended = house.settings.model_store, threading.Event()
    activate(registry, "text", house.text[0])
    activate(registry, "voice", house.voice[0])
    store = AnalysisStore(house.settings.database_url)
    store.migrate()
    ids = [str(uuid.uuid4()) for _ in range(CALLS)]
    for id in ids:
        store.add(NewAnalysis("user-1", "112", "call.wav"), id=id, now=datetime.now(UTC))

    runners = [threading.Thread(target=house.analyse, args=(store, ended)) for _ in range(RUNNERS)]
    for runner in runners:
        runner.start()
    changes = 0
    while any(runner.is_alive() for runner in runners):
        activate(registry, "text", house.text[changes % 2], method=("max_f1", "eer")[changes % 2])
        activate(registry, "voice", house.voice[changes % 2])
        choose_method(registry, "voice", ("eer", "max_f1")[changes % 2])
        changes += 1
    for runner in runners:
        runner.join()

    done = [analysis for id in ids if (analysis := store.get(id))]
    store.close()
    assert Counter(analysis.status for analysis in done) == {Status.DONE: CALLS}
    assert changes > 10
    assert {analysis.text.model_version for analysis in done if analysis.text} == set(house.text)
    assert {analysis.voice.model_version for analysis in done if analysis.voice} == set(house.voice)
    for analysis in done:
        _is_what_its_versions_say(registry, house, analysis)


def _is_what_its_versions_say(registry: Path, house: House, analysis: Analysis) -> None:
    text, voice = analysis.text, analysis.voice
    assert text is not None
    assert voice is not None
    model = load_text_model(open_version(registry, "text", text.model_version))
    assert text.score == model.predict_proba([analysis.transcript or ""])[0]
    # The method was promoted together with the version: never one with the other's.
    assert text.threshold_method == ("max_f1", "eer")[house.text.index(model.version)]
    assert text.threshold == THRESHOLDS[text.threshold_method]["danger"]
    other = load_voice_model(open_version(registry, "voice", voice.model_version))
    assert voice.score == other.score_call(voice.windows)
    heard = np.concatenate(list(decode_blocks(house.settings.audio_root / analysis.audio_file)))
    assert [window.score for window in voice.windows] == [window.score for window in other.score_windows(heard)]
    assert voice.threshold == THRESHOLDS[str(voice.threshold_method)]["danger"]


def _text_writer(weight: float) -> Callable[[Path], None]:
    grams = sorted(set(ngrams(normalise(SAID))))
    ones = np.ones(len(grams), np.float32)
    network = linear.Network(packed(grams), ones, ones * weight, 0.1, 1.0)
    return lambda folder: linear.save(folder, network, dict.fromkeys(grams, 5), Calibration(0.1, 0.1))


def _publish_voice(store: Path, offset: float) -> ModelVersion:
    shipped = open_version(SHIPPED, "voice")

    def fill(folder: Path) -> None:
        for name in shipped.manifest["sha256"]:
            shutil.copy(shipped.folder / name, folder / name)
        numbers = json.loads((folder / CALIBRATION).read_text())
        (folder / CALIBRATION).write_text(json.dumps({**numbers, "window_offset": numbers["window_offset"] + offset}))

    return publish(store, "voice", fill, manifest={"type": shipped.manifest["type"], **FACTS})

"""What updates models: in this process, or started by the server in one of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.settings import PREFIX, Settings
from db.store import AnalysisStore
from db.training_rows import TrainingRows
from db.update_runs import UpdateRuns
from models.text.loading import load_text_model
from service.model_updates import ModelUpdates, Rules
from service.update_runs import RecordedUpdates, launcher
from wiring.line import build_limits

if TYPE_CHECKING:
    from service.voice_updates import VoiceUpdates


def build_recorded_updates(settings: Settings, store: AnalysisStore) -> RecordedUpdates:
    """Return what starts updates and knows what became of them."""
    same = ("database_url", "model_store", "data_dir", "work_dir", "audio_root", "update_margin", "update_min_new")
    environment = {PREFIX + name.upper(): str(getattr(settings, name)) for name in same}
    for name in ("update_evaluation", "update_voices"):
        if getattr(settings, name) != Path():
            environment[PREFIX + name.upper()] = str(getattr(settings, name))
    return RecordedUpdates(UpdateRuns(store), settings.model_store, launcher(environment))


def build_model_updates(
    settings: Settings, kind: str = "text"
) -> tuple[ModelUpdates | VoiceUpdates, RecordedUpdates, AnalysisStore]:
    """Return what updates a model in this process, with where it is written down; migrates the database."""
    store = AnalysisStore(settings.database_url)
    store.migrate()
    evaluation = settings.update_evaluation if kind == "text" else settings.update_voices
    rules = Rules(
        store=settings.model_store,
        scratch=settings.work_dir,
        margin=settings.update_margin,
        min_new=settings.update_min_new,
        evaluation=None if evaluation == Path() else evaluation,
    )
    rows, recorded = TrainingRows(store), build_recorded_updates(settings, store)
    if kind == "text":
        return ModelUpdates(rows, rules, load_text_model), recorded, store
    from service.stored_audio import StoredAudio
    from service.voice_updates import VoiceUpdates

    audio = StoredAudio(
        wav_dir=settings.wav_dir,
        audio_root=settings.audio_root,
        scratch=settings.work_dir,
        limits=build_limits(settings),
        max_bytes=settings.max_upload_mb * 1_000_000,
    )
    return VoiceUpdates(rows, audio, rules), recorded, store

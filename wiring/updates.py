"""What updates models: in this process, or started by the server in one of its own."""

from __future__ import annotations

from pathlib import Path

from core.settings import PREFIX, Settings
from db.store import AnalysisStore
from db.training_rows import TrainingRows
from db.update_runs import UpdateRuns
from models.text.loading import load_text_model
from service.model_updates import ModelUpdates, Rules
from service.update_runs import RecordedUpdates, launcher


def build_recorded_updates(settings: Settings, store: AnalysisStore) -> RecordedUpdates:
    """Return what starts updates and knows what became of them."""
    same = ("database_url", "model_store", "data_dir", "work_dir", "update_margin", "update_min_new")
    environment = {PREFIX + name.upper(): str(getattr(settings, name)) for name in same}
    if settings.update_evaluation != Path():
        environment[PREFIX + "UPDATE_EVALUATION"] = str(settings.update_evaluation)
    return RecordedUpdates(UpdateRuns(store), settings.model_store, launcher(environment))


def build_model_updates(settings: Settings) -> tuple[ModelUpdates, RecordedUpdates, AnalysisStore]:
    """Return what updates the text model in this process, with where it is written down; migrates the database."""
    store = AnalysisStore(settings.database_url)
    store.migrate()
    rules = Rules(
        store=settings.model_store,
        scratch=settings.work_dir,
        margin=settings.update_margin,
        min_new=settings.update_min_new,
        evaluation=None if settings.update_evaluation == Path() else settings.update_evaluation,
    )
    return ModelUpdates(TrainingRows(store), rules, load_text_model), build_recorded_updates(settings, store), store

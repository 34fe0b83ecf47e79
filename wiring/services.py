"""What the routes and scripts call."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.settings import Settings
from db.guidance import GuidanceStore
from db.purge import PurgeStore
from db.record_store import RecordStore
from db.reroll_store import RerollStore
from db.store import AnalysisStore
from models.text.borders import load_borders
from models.text.loading import load_text_model
from models.voice.loading import load_voice_model
from service.analyses import Analyses
from service.guidance import Guide
from service.health import Health
from service.model_versions import Kind, ModelVersions
from service.ports import Runner
from service.purge import Purge
from service.records import Records
from service.reroll import Reroll
from service.results import Results
from service.runner import InProcessRunner
from service.text_analyses import TextAnalyses
from service.text_models import TextModels
from service.update_runs import RecordedUpdates
from wiring.line import Models, build_line, build_models
from wiring.updates import build_recorded_updates
from wiring.work import build_callbacks, build_celery_runner, build_places, build_work

SPARE_THREADS = 4
"""Threads of the server that never wait for a result, so that short requests are always answered."""
STOP_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes and scripts call."""

    analyses: Analyses
    health: Health
    runner: Runner | None = None
    reroll: Reroll | None = None
    records: Records | None = None
    guide: Guide | None = None
    updates: RecordedUpdates | None = None
    models: ModelVersions | None = None
    texts: TextAnalyses | None = None

    def start(self) -> None:
        """Begin with what waits in the database, when analyses run in this process."""
        if isinstance(self.runner, InProcessRunner):
            self.runner.start()

    def stop(self) -> None:
        """Give back what runs."""
        if isinstance(self.runner, InProcessRunner):
            self.runner.stop(STOP_WITHIN_S)


def build_services(settings: Settings) -> Services:
    """Put the server together."""
    models, store = build_models(settings), AnalysisStore(settings.database_url)
    store.migrate()
    callbacks, places, results = build_callbacks(settings), build_places(settings), Results()
    line = build_line(settings, models)
    work = build_work(settings, store=store, line=line, callbacks=callbacks, places=places, results=results)
    runner: Runner
    if settings.queue_url:
        runner = build_celery_runner(settings, store, places)
    else:
        runner = InProcessRunner(jobs=work.jobs, executor=work.executor, housekeeping=work.housekeeping)
    analyses = Analyses(
        store=store,
        runner=runner,
        callbacks=callbacks,
        courier=work.courier,
        places=places,
        results=results,
        max_queued=settings.queue_size,
        max_waiting=max(1, settings.threads - SPARE_THREADS),
    )
    # With a queue the workers hold the models; the server only answers.
    health = Health(store=store, lenders=() if settings.queue_url else (models.stt, models.text, models.voice))
    reroll, records = build_reroll(settings, store, models), Records(store=RecordStore(store))
    return Services(
        analyses=analyses,
        health=health,
        runner=runner,
        reroll=reroll,
        records=records,
        guide=Guide(GuidanceStore(store)),
        updates=build_recorded_updates(settings, store),
        models=build_model_versions(settings, models),
        texts=TextAnalyses(model=models.text.borrow, types=models.scam_types, borders=load_borders),
    )


def build_model_versions(settings: Settings, models: Models) -> ModelVersions:
    """Return what promotes versions of the models that are lent."""
    kinds = {"text": Kind(models.text, load_text_model), "voice": Kind(models.voice, load_voice_model)}
    return ModelVersions(settings.model_store, kinds)


def build_reroll(settings: Settings, store: AnalysisStore | None = None, models: Models | None = None) -> Reroll:
    """Return what scores stored transcripts again; without a store it opens and migrates one."""
    if store is None:
        store = AnalysisStore(settings.database_url)
        store.migrate()
    text = (models or build_models(settings)).text
    return Reroll(rows=RerollStore(store), models=TextModels(settings.model_store, text, load_text_model))


def build_purge(settings: Settings) -> Purge:
    """Return what erases stored calls and their files, wav files kept under an earlier setting included."""
    store = AnalysisStore(settings.database_url)
    store.migrate()
    return Purge(rows=PurgeStore(store), places=replace(build_places(settings), wav_dir=settings.wav_dir))

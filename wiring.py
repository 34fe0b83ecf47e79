"""The composition root: which engine, database and models. Nothing heavy is imported until a call needs it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from core.settings import Settings
from core.types import CallResult, Stage
from db.guidance import GuidanceStore
from db.job_store import JobStore
from db.purge import PurgeStore
from db.record_store import RecordStore
from db.reroll_store import RerollStore
from db.store import AnalysisStore
from models.protocols import TextModel, VoiceModel
from models.registry import open_version
from models.text.loading import load_text_model
from models.voice.loading import load_voice_model
from pipeline.analyse import Notebook, Tools, analyse
from pipeline.prepare import Limits
from pipeline.stt.factory import build_engine
from pipeline.stt.protocol import SpeechToText
from service.analyses import Analyses
from service.callbacks import HttpCallbacks
from service.celery_runner import CeleryRunner, build_celery
from service.executor import Executor
from service.guidance import Guide
from service.health import Health
from service.lending import Lender
from service.places import Places
from service.ports import Callbacks, Jobs, Line, Runner, Store
from service.pulse import Flag
from service.purge import Purge
from service.records import Records
from service.reports import Courier
from service.reroll import Reroll
from service.results import Results
from service.runner import InProcessRunner
from service.text_models import TextModels
from service.workspace import sweep

MAX_DEFAULT_THREADS = 4
"""Each thread of the recogniser has decoding buffers of its own: more must be asked for."""
SPARE_THREADS = 4
"""Threads of the server that never wait for a result, so that short requests are always answered."""
STOP_WITHIN_S, GIVE_UP_AFTER_S, COURIER_MARGIN_S = 30.0, 600.0, 60.0


@dataclass(frozen=True, slots=True)
class Models:
    """Everything the line borrows, in the order in which it is loaded."""

    stt: Lender[SpeechToText]
    text: Lender[TextModel]
    voice: Lender[VoiceModel]


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes and scripts call."""

    analyses: Analyses
    health: Health
    runner: Runner | None = None
    reroll: Reroll | None = None
    records: Records | None = None
    guide: Guide | None = None

    def start(self) -> None:
        """Begin with what waits in the database, when analyses run in this process."""
        if isinstance(self.runner, InProcessRunner):
            self.runner.start()

    def stop(self) -> None:
        """Give back what runs."""
        if isinstance(self.runner, InProcessRunner):
            self.runner.stop(STOP_WITHIN_S)


@dataclass(frozen=True, slots=True)
class Work:
    """What runs analyses, in the server or in a worker."""

    jobs: Jobs
    executor: Executor
    courier: Courier


def build_models(settings: Settings) -> Models:
    """Lenders of the recogniser and both models."""

    def load_stt() -> SpeechToText:
        engine = build_engine(
            engine=settings.stt_engine,
            model=settings.stt_model,
            cache_dir=settings.cache_dir,
            threads=settings.stt_threads or min(MAX_DEFAULT_THREADS, len(os.sched_getaffinity(0))),
            batch=settings.stt_batch,
        )
        engine.load()
        return engine

    def load_text() -> TextModel:
        return load_text_model(open_version(settings.model_store, "text"))

    def load_voice() -> VoiceModel:
        return load_voice_model(open_version(settings.model_store, "voice"))

    return Models(stt=Lender("stt", load_stt), text=Lender("text", load_text), voice=Lender("voice", load_voice))


def build_line(settings: Settings, models: Models) -> Line:
    """Return the pipeline with its tools and limits."""
    limits = Limits(
        min_duration_s=settings.min_duration_s,
        max_duration_s=settings.max_duration_s,
        chunk_s=settings.chunk_s,
    )

    def line(
        audio: Path, *, work_dir: Path, report: Callable[[Stage], None], notebook: Notebook | None = None
    ) -> CallResult:
        tools = Tools(stt=models.stt.borrow(), text=models.text.borrow(), voice=models.voice.borrow())
        return analyse(audio, tools=tools, limits=limits, work_dir=work_dir, report=report, notebook=notebook)

    return line


def build_callbacks(settings: Settings) -> HttpCallbacks:
    """Return what sends progress to the gateway."""
    return HttpCallbacks(
        allowed_hosts=settings.callback_hosts,
        default_url=settings.callback_url,
        secret=settings.callback_secret,
        timeout_s=settings.callback_timeout_s,
        give_up_after_s=GIVE_UP_AFTER_S,
    )


def build_places(settings: Settings) -> Places:
    """Return where files may be read and written."""
    return Places(
        audio_root=settings.audio_root,
        upload_dir=settings.upload_dir,
        work_dir=settings.work_dir,
        wav_dir=settings.wav_dir if settings.keep_wav else None,
        max_bytes=settings.max_upload_mb * 1_000_000,
    )


def build_work(
    settings: Settings,
    *,
    store: AnalysisStore,
    line: Line,
    callbacks: Callbacks,
    places: Places,
    results: Results,
    stopping: Flag | None = None,
) -> Work:
    """Put together what runs analyses; gives back what a killed process of this machine was running."""
    jobs = JobStore(store, lease_s=settings.lease_s, courier_s=GIVE_UP_AFTER_S + COURIER_MARGIN_S)
    for name in sweep(settings.work_dir):
        id, _, token = name.partition("_")
        jobs.release(id, token)
    courier = Courier(jobs, callbacks)
    executor = Executor(
        jobs=jobs,
        line=line,
        courier=courier,
        places=places,
        results=results,
        lease_s=settings.lease_s,
        max_attempts=settings.max_attempts,
        max_duration_s=settings.max_duration_s,
        stopping=stopping,
        mask=settings.mask,
    )
    return Work(jobs, executor, courier)


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
        runner = InProcessRunner(jobs=work.jobs, executor=work.executor, courier=work.courier)
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
    guide = Guide(GuidanceStore(store))
    return Services(analyses=analyses, health=health, runner=runner, reroll=reroll, records=records, guide=guide)


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


def build_celery_runner(settings: Settings, store: Store, places: Places) -> CeleryRunner:
    """Return what sends messages to the workers."""
    app = build_celery(settings.queue_url, max_duration_s=settings.max_duration_s)
    return CeleryRunner(app, store=store, places=places, max_duration_s=settings.max_duration_s)


def build_worker(settings: Settings, stopping: Flag | None = None) -> tuple[Work, CeleryRunner, Models]:
    """Put a worker process together; the server has migrated the database, or this does."""
    models, store = build_models(settings), AnalysisStore(settings.database_url)
    store.migrate()
    places = build_places(settings)
    work = build_work(
        settings,
        store=store,
        line=build_line(settings, models),
        callbacks=build_callbacks(settings),
        places=places,
        results=Results(),
        stopping=stopping,
    )
    return work, build_celery_runner(settings, store, places), models

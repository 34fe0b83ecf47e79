"""What runs analyses, in the server or in a worker."""

from __future__ import annotations

from dataclasses import dataclass

from core.settings import Settings
from db.job_store import JobStore
from db.store import AnalysisStore
from service.callbacks import HttpCallbacks
from service.celery_runner import CeleryRunner, build_celery
from service.executor import Executor
from service.housekeeping import Housekeeping
from service.places import Places
from service.ports import Callbacks, Jobs, Line, Store
from service.pulse import Flag
from service.reports import Courier
from service.results import Results
from service.workspace import sweep
from wiring.line import Models, build_line, build_models

GIVE_UP_AFTER_S, COURIER_MARGIN_S = 600.0, 60.0


@dataclass(frozen=True, slots=True)
class Work:
    """What runs analyses, in the server or in a worker."""

    jobs: Jobs
    executor: Executor
    courier: Courier
    housekeeping: Housekeeping


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
    return Work(jobs, executor, courier, Housekeeping(courier=courier, store=store, places=places))


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

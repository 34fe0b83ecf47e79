"""A Celery worker: runs the analyses that servers accept. Needs ``MOKSORI_QUEUE_URL`` and requirements-queue.txt.

``python -m scripts.worker [--concurrency N] [--beat | --ping]``
"""

from __future__ import annotations

import argparse
import functools
import multiprocessing
import os
import socket
import sys
from typing import Any

from core.log import configure_logging
from core.settings import Settings
from service.celery_runner import INBOX_QUEUE, QUEUE, CeleryRunner, build_celery, register_tasks
from service.executor import Executor
from service.housekeeping import Housekeeping
from service.ports import Jobs
from wiring import build_worker

_STOPPING = multiprocessing.Event()
"""Set by the parent, seen by its worker processes: a call goes on elsewhere at its next chunk."""


def main(arguments: list[str] | None = None) -> int:
    """Run until told to stop and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--concurrency", type=int, default=1, help="worker processes; each holds its own models")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--beat", action="store_true", help="run the scheduler instead: one per installation")
    what.add_argument("--ping", action="store_true", help="exit with 0 when a worker of this host answers")
    options = parser.parse_args(arguments)
    settings = Settings.from_env()
    if not settings.queue_url:
        print("set MOKSORI_QUEUE_URL, for example redis://127.0.0.1:6379/0", file=sys.stderr)
        return 2
    configure_logging(settings.log_level)
    app = build_celery(settings.queue_url, max_duration_s=settings.max_duration_s)
    if options.ping:
        host = socket.gethostname()
        answers = app.control.ping(timeout=5.0) or []
        return 0 if any(name.endswith(f"@{host}") for answer in answers for name in answer) else 1
    register_tasks(app, functools.partial(_services, settings))
    if options.beat:
        # The schedule is a constant of ours: it need not survive a restart in a file.
        app.Beat(scheduler_cls="celery.beat:Scheduler", loglevel=settings.log_level).run()
        return 0
    _prepare_children(settings)
    name = f"moksori-{os.getpid()}@{socket.gethostname()}"
    queues = [INBOX_QUEUE, QUEUE]
    app.Worker(
        hostname=name,
        concurrency=options.concurrency,
        pool="prefork",
        queues=queues,
        loglevel=settings.log_level,
        without_gossip=True,  # workers have nothing to tell each other: the database is the truth
        without_mingle=True,
    ).start()
    return 0


@functools.cache
def _built(settings: Settings, pid: int) -> Any:
    """Everything a worker process needs; keyed by process because connections must not cross a fork."""
    del pid
    return build_worker(settings, _STOPPING)


def _services(settings: Settings) -> tuple[Jobs, Executor, Housekeeping, CeleryRunner]:
    work, runner, _ = _built(settings, os.getpid())
    return work.jobs, work.executor, work.housekeeping, runner


def _prepare_children(settings: Settings) -> None:
    """Load the models as soon as a worker process starts; give calls back when the worker is told to end."""
    from celery.signals import worker_process_init, worker_shutting_down

    def warm(**_: object) -> None:
        _, _, models = _built(settings, os.getpid())
        if settings.warm:
            for lender in (models.stt, models.text, models.voice):
                lender.borrow()

    def give_back(**_: object) -> None:
        _STOPPING.set()

    worker_process_init.connect(warm, weak=False)
    worker_shutting_down.connect(give_back, weak=False)


if __name__ == "__main__":
    sys.exit(main())

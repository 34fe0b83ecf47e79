"""Analyses run by Celery workers on this machine or others; the row stays the truth, a message is only a hint."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from core.errors import MoksoriError
from core.types import Analysis
from service.executor import Executor
from service.housekeeping import Housekeeping
from service.places import Places
from service.ports import Jobs, Store
from service.pulse import time_limit_s

if TYPE_CHECKING:
    from celery import Celery

log = logging.getLogger(__name__)
ANALYSE, INBOX = "moksori.analyse", "moksori.inbox"
QUEUE, INBOX_QUEUE = "moksori", "moksori-inbox"
INBOX_EVERY_S = 2.0
LOST_AFTER_S = 5.0


def build_celery(url: str, *, max_duration_s: float) -> Celery:
    """Return the Celery application: late acknowledgement, one message at a time, JSON only, no result backend."""
    from celery import Celery

    longest_s = _longest_s(max_duration_s)
    options = {"expires": INBOX_EVERY_S, "queue": INBOX_QUEUE}
    app = Celery("moksori", broker=url)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_time_limit=longest_s,
        broker_transport_options=_transport(url, longest_s),
        broker_connection_timeout=2.0,
        broker_connection_retry_on_startup=True,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # the row is claimed, so nobody does it twice
        worker_hijack_root_logger=False,
        worker_proc_alive_timeout=120.0,  # loading the models counts
        beat_schedule={INBOX: {"task": INBOX, "schedule": INBOX_EVERY_S, "options": options}},
    )
    return app


def _longest_s(max_duration_s: float) -> float:
    return time_limit_s(1 << 62, max_duration_s=max_duration_s)


def _transport(url: str, longest_s: float) -> dict[str, Any]:
    if not url.startswith("redis"):
        return {}
    # Redis gives a message to somebody else when it is not acknowledged within this time.
    # A worker that becomes free empties the inbox queue first: whatever beat sent while all were busy has expired.
    times = {"visibility_timeout": longest_s, "socket_connect_timeout": 2.0, "socket_timeout": 5.0}
    return {**times, "queue_order_strategy": "priority"}


class CeleryRunner:
    """Sends a message for each accepted analysis."""

    def __init__(self, app: Celery, *, store: Store, places: Places, max_duration_s: float) -> None:
        self._app, self._store, self._places, self._max_duration_s = app, store, places, max_duration_s

    def submit(self, stored: Analysis) -> None:
        """Send the message; when the broker is away the inbox task finds the row later."""
        self._send(stored.id, self._limit_s(stored))

    def submit_again(self, ids: Sequence[str]) -> None:
        """Send another message for each row whose first one is lost, except those erased meanwhile.

        The rows are noted as sent by now. So a database that goes away is not asked for the rest, which would take
        its retries for each: they get the longest limit.
        """
        for number, id in enumerate(ids):
            try:
                stored = self._store.get(id)
            except MoksoriError as error:
                log.warning("messages get the longest time limit: %s", error.code)
                for rest in ids[number:]:
                    self._send(rest, _longest_s(self._max_duration_s))
                return
            if stored is not None:
                self.submit(stored)

    def _send(self, id: str, limit_s: float) -> None:
        from kombu.exceptions import OperationalError

        try:
            self._app.send_task(ANALYSE, args=[id], retry=False, time_limit=limit_s)
        except (OperationalError, OSError) as error:
            log.warning("analysis %s waits for the broker: %s", id, type(error).__name__)

    def _limit_s(self, stored: Analysis) -> float:
        """Return how long the analysis may take; its worker process is killed after that."""
        size = 0  # what cannot be read fails at once
        with suppress(MoksoriError, OSError):
            size = self._places.audio(stored.id, stored).stat().st_size
        return time_limit_s(size, max_duration_s=self._max_duration_s)


def register_tasks(app: Celery, services: Callable[[], tuple[Jobs, Executor, Housekeeping, CeleryRunner]]) -> None:
    """Define what workers do; ``services`` builds everything on the first task of a worker process."""

    @app.task(name=ANALYSE, shared=False)  # type: ignore[untyped-decorator]
    def analyse(id: str) -> None:
        jobs, executor, _, _ = services()
        claim = jobs.claim(id)
        if claim is not None:  # otherwise it is done, cancelled, or held by somebody who is alive
            executor.run(claim)
            look_around()  # beat's messages expire while every worker is busy, for hours if need be

    @app.task(name=INBOX, shared=False)  # type: ignore[untyped-decorator]
    def inbox() -> None:
        look_around()

    def look_around() -> None:
        jobs, _, housekeeping, runner = services()
        jobs.requeue_expired()
        # The gateway's own rows never had a message, and others lose theirs with the broker or a worker.
        runner.submit_again(jobs.undispatched(older_than_s=LOST_AFTER_S, waiting=messages_waiting(app) > 0))
        housekeeping.run()


def messages_waiting(app: Celery) -> int:
    """Return how many messages nobody has taken yet."""
    with app.connection_for_read() as connection:
        connection.ensure_connection(max_retries=1)  # untold it would wait for the broker for ever
        try:
            return int(connection.default_channel.queue_declare(QUEUE, passive=True).message_count)
        except connection.channel_errors:
            return 0  # Redis forgets an empty queue, RabbitMQ knows none before its first message

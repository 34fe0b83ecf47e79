"""gunicorn reads the same settings as everything else; models are loaded after the fork."""

from __future__ import annotations

from typing import Any

from core.settings import Settings

_settings = Settings.from_env()
bind = f"{_settings.host}:{_settings.port}"
workers = _settings.workers
threads = _settings.threads
worker_class = "gthread"
preload_app = False
control_socket_disable = True
timeout = 120  # heartbeat of the worker, not of a request: long calls are fine
graceful_timeout = 120
accesslog = None  # request paths may name people; our own log lines tell what happened


def post_worker_init(worker: Any) -> None:
    """Warm the models of this worker in the background and go on with what waits in the database."""
    services = worker.app.callable.extensions["moksori"]
    if _settings.warm:
        services.health.warm()
    services.start()


def worker_exit(server: Any, worker: Any) -> None:
    """Give a running analysis back to the queue: a restart goes on at its next chunk."""
    del server
    services = worker.app.callable.extensions.get("moksori") if worker.app.callable else None
    if services is not None:
        services.stop()
